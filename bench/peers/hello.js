// The smallest Ink program, unbundled: what any Ink application pays before its first character.
import { createElement } from 'react';
import { render, Text } from 'ink';

render(createElement(Text, undefined, 'hello, world'));
setInterval(() => {}, 1000);
