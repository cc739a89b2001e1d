// Plays the scenarios with the libraries that are named, and prints a table of how each went.
//
//   node play.mjs BINARY TABLE LIBRARY...
//
// TABLE gets the table as markdown. The exit status is 0 when nothing failed, 1 when something did. With
// XMPP_WS_PEERS_ONLY in the environment only the scenarios are played whose name has that in it.

import { writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { scenarios } from './scenarios.mjs';
import { Failure, Stage } from './stage.mjs';

const require = createRequire(import.meta.url);
const node = process.execPath;
const packaged = (name) => require(`./node_modules/${name}/package.json`).version;
const debian = () => execFileSync('/usr/bin/python3', ['-c', 'import nbxmpp; print(nbxmpp.__version__)'], { encoding: 'utf8' }).trim();

const known = {
  'strophe.js 5': {
    command: [node, 'libraries/strophe.mjs', 'strophe.js'],
    version: () => packaged('strophe.js'),
  },
  'strophe.js 1.6': {
    command: [node, 'libraries/strophe.mjs', 'strophe.js-1.6'],
    version: () => packaged('strophe.js-1.6'),
  },
  stanza: {
    command: [node, 'libraries/stanza.mjs'],
    version: () => packaged('stanza'),
    reconnects: true,
    answersPings: true,
  },
  'xmpp.js': {
    command: [node, 'libraries/xmppjs.mjs'],
    version: () => packaged('@xmpp/client'),
    reconnects: true,
    answersPings: true,
  },
  nbxmpp: {
    command: ['/usr/bin/python3', 'libraries/nbxmpp-client.py'],
    version: debian,
    answersPings: true,
  },
};

/** One cell of the table, and whether it is a failure. */
async function play(binary, library, scenario) {
  const stage = new Stage(binary, library.command);
  let text;
  let error;
  try {
    const note = await scenario.play(stage, library);
    text = note ? `pass (${note})` : 'pass';
  } catch (caught) {
    error = caught;
  }
  try {
    await stage.end();
  } catch (caught) {
    error ??= caught;
  }
  if (!error) return { text };
  console.log(stage.transcript());
  return { text: `FAIL (${error instanceof Failure ? error.message : error.stack})`, isFailure: true };
}

const [binary, table, ...names] = process.argv.slice(2);
// A signal ends this process by `exit`, so that it ends its children.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const only = process.env.XMPP_WS_PEERS_ONLY;
const rows = scenarios.filter(({ name }) => !only || name.includes(only));
if (rows.length === 0 || names.length === 0) throw new Error('there is nothing to play');
const cells = rows.map(() => new Map());
let failures = 0;

/** One column: a library's scenarios, one after the other. */
async function playAll(name) {
  for (const [index, scenario] of rows.entries()) {
    const start = performance.now();
    const { text, isFailure } = await play(binary, known[name], scenario);
    const took = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${name}: ${scenario.name}: ${text} [${took} s]`);
    failures += isFailure ? 1 : 0;
    // One row, one line.
    cells[index].set(name, text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|'));
  }
}

// All columns at once: much of the time a library only rests before it connects again.
await Promise.all(names.map(playAll));

const lines = [
  `| scenario | ${names.map((name) => `${name} (${known[name].version()})`).join(' | ')} |`,
  `|---|${names.map(() => '---|').join('')}`,
  ...rows.map(({ name }, index) => `| ${name} | ${names.map((it) => cells[index].get(it)).join(' | ')} |`),
];
writeFileSync(table, `${lines.join('\n')}\n`);
console.log(`\n${lines.join('\n')}`);
process.exit(failures > 0 ? 1 : 0);
