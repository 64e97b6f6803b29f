#!/usr/bin/env node
// Plain JavaScript of the oldest dialect, so that an old Node reaches the sentence below instead of a syntax error.
var wanted = [22, 16];
var found = process.versions.node.split('.').map(Number);
if (found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < wanted[1])) {
  process.stderr.write(
    'migrate-tui needs Node ' +
      wanted.join('.') +
      ' or newer; this is Node ' +
      process.versions.node +
      '. Nothing was changed.\n' +
      'Node 22 and 24 are the maintained lines: install one, or run it with "npx --package node@24 --package migrate-tui migrate-tui".\n',
  );
  process.exit(2);
} else {
  import('../dist/cli.js').then(
    function (cli) {
      return cli.run();
    },
    function (error) {
      process.stderr.write(
        'migrate-tui is not built: ' + error.message + '\nIn a clone, "npm ci" builds it.\n',
      );
      process.exit(2);
    },
  );
}
