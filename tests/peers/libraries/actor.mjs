// What the scripts of the libraries share: commands come in on standard input and what happens goes out on standard
// output, both as JSON, one object a line. One process plays all clients of a scenario; `who` says which.

import { createInterface } from 'node:readline';

/** `make(tell)` returns the verbs of one client, which tells what happens by `tell(event, more)`. */
export function act(make) {
  const clients = new Map();
  const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
  process.on('uncaughtException', (error) => say({ event: 'threw', why: String(error.stack) }));
  process.on('unhandledRejection', (error) => say({ event: 'threw', why: String(error?.stack ?? error) }));
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const { do: verb, who, ...options } = JSON.parse(line);
      if (!clients.has(who)) {
        clients.set(who, make((event, more) => say({ who, event, ...more })));
      }
      clients.get(who)[verb](options);
    })
    .on('close', () => process.exit(0));
}
