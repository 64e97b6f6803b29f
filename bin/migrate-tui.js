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
      'Node 22, 24 and 26 are the maintained lines: install one, or run it with "npx --package node@24 -- migrate-tui" where it is installed.\n',
  );
  process.exit(2);
} else {
  keepCompiled()
    .then(function () {
      return import('../dist/cli.js');
    })
    .then(
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

/** Lets Node keep what it compiled in the user's cache folder: a start then takes about a sixth less time. */
function keepCompiled() {
  return Promise.all([import('node:module'), import('node:path'), import('node:os'), import('node:fs')]).then(
    function (loaded) {
      var path = loaded[1];
      var named = process.env.XDG_CACHE_HOME;
      var base =
        named && path.isAbsolute(named)
          ? named
          : path.join(process.env.HOME || loaded[2].homedir(), '.cache');
      // Node makes missing folders without end where none can be made (below /proc), so its folder must be there.
      // Where it is not, or cannot be written, the start is as long as the first one.
      if (loaded[3].existsSync(base)) {
        loaded[0].enableCompileCache(path.join(base, 'migrate-tui', 'compiled'));
      }
    },
  );
}
