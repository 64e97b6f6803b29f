import { writeFile } from 'node:fs/promises';
import { allRules } from '../src/rules/all-rules.ts';
import { fileRules } from '../src/rules/file-rules.ts';
import { rulesPage } from '../src/rules/rules-page.ts';

await writeFile(new URL('../meta/rules.md', import.meta.url), rulesPage(allRules, fileRules));
