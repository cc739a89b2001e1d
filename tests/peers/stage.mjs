// What a scenario plays on: a server of ours behind a tap, the clients of one library in a process of their own, and
// our own client. All of it is ended with the scenario, by process id.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Tap } from './tap.mjs';

export const DOMAIN = 'localhost';
const PATH = '/xmpp-websocket';
const PASSWORD = 'secret';
/** What is a moment on an idle machine may take so long on a busy one. */
const SOON = 10_000;
/** Some libraries derive keys by ten thousand hashes in slow code of their own. */
export const LOGIN = 20_000;
const folder = fileURLToPath(new URL('.', import.meta.url));

/** What is wrong with a peer or with us; anything else that is thrown is wrong with the tests. */
export class Failure extends Error {}

export function check(isTrue, otherwise) {
  if (!isTrue) throw new Failure(otherwise);
}

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

export class Stage {
  constructor(binary, command) {
    this.binary = binary;
    this.command = command;
    this.waiting = new Set();
    /** What the clients told, in order: `{who, event, ..}`. */
    this.told = [];
    /** A scenario that expects one says so. */
    this.expectedErrors = new Set();
  }

  // ---- the server

  /** Starts a server, and has the tap lead to it. (Each user takes it a while: their keys are derived.) */
  async serve({ users = ['alice'], options = [] } = {}) {
    this.tap ??= await Tap.listen(() => this.#changed());
    const accounts = users.flatMap((user) => ['--user', `${user}:${PASSWORD}`]);
    const server = this.#spawn(
      [this.binary, 'serve', '--listen', '127.0.0.1:0', '--path', PATH, '--json', ...accounts, ...options],
      (line) => {
        if (line.event === 'listening') server.url = new URL(line.url);
      },
    );
    this.server = server;
    await this.until('the server listens', () => server.url || server.exit);
    check(server.url, `the server ended before it listened: ${server.errors}`);
    this.tap.server = Number(server.url.port);
  }

  /** Ends the server by a signal; nobody listens until the next one. */
  signal(signal) {
    this.tap.server = null;
    this.server.child.kill(signal);
  }

  async gone() {
    await this.until('the server ends', () => this.server.exit);
    return this.server.exit;
  }

  // ---- the clients

  /** Logs in a client of the library. */
  login(who, jid, options = {}) {
    this.tell(who, 'login', { url: this.tap.url(PATH), jid, password: PASSWORD, ...options });
  }

  async loggedIn(who, jid, options) {
    this.login(who, jid, options);
    const outcome = () => this.events(who, 'online')[0] ?? this.events(who, 'refused')[0];
    const { event, jid: bound } = await this.until(`${who} is logged in`, outcome, LOGIN);
    check(event === 'online', `${who} may not log in`);
    check(bound === jid, `bound as ${bound} instead of ${jid}`);
  }

  tell(who, verb, options = {}) {
    this.actor ??= this.#spawn(this.command, (line) => this.told.push(line));
    this.actor.say({ do: verb, who, ...options });
  }

  /** Whatever that client told so far. */
  events(who, event) {
    return this.told.filter((it) => it.who === who && it.event === event);
  }

  /** Waits until that client tells such a thing; `isIt` chooses among those of the same name. */
  async next(words, who, event, isIt = () => true, ms = SOON) {
    return this.until(words, () => this.events(who, event).find(isIt), ms);
  }

  /** Our own client. */
  async connect(jid) {
    const client = this.#spawn(
      [this.binary, 'connect', '--jid', jid, '--url', this.tap.url(PATH), '--json'],
      (line) => this.told.push({ who: jid, ...line }),
      { XMPP_PASSWORD: PASSWORD },
    );
    const words = `xmpp-ws connect is logged in as ${jid}`;
    await this.until(words, () => this.events(jid, 'bound').length > 0 || client.exit, LOGIN);
    check(!client.exit, `not so: ${words}`);
    return {
      send: (stanza) => client.child.stdin.write(`${stanza}\n`),
      stanza: (words, isIt) => this.next(words, jid, 'stanza', ({ xml }) => isIt(xml)),
    };
  }

  // ---- the wire

  /** All messages from the client or the server, over all connections or over the one with this number. */
  said(from, connection = null) {
    const connections = connection === null ? this.tap.connections : [this.tap.connections[connection]];
    const frames = connections.flatMap((it) => it.frames);
    return frames.filter((it) => it.from === from && it.op === 'text').map((it) => it.text);
  }

  // ---- waiting

  /** Waits for something true, and gives it. */
  until(words, ask, ms = SOON) {
    return new Promise((resolve, reject) => {
      const waiting = () => {
        const threw = this.told.find((it) => it.event === 'threw');
        const answer = threw ? undefined : ask();
        if (!answer && !threw) return;
        clearTimeout(timer);
        this.waiting.delete(waiting);
        if (threw) reject(new Failure(`the library's script threw ${threw.why}`));
        else resolve(answer);
      };
      const timer = setTimeout(() => {
        this.waiting.delete(waiting);
        reject(new Failure(`not within ${ms / 1000} s: ${words}`));
      }, ms);
      this.waiting.add(waiting);
      waiting();
    });
  }

  #changed() {
    for (const waiting of [...this.waiting]) waiting();
  }

  // ---- the end

  /** Ends everything, and says what was wrong with the server if the scenario was all right. */
  async end() {
    // What is said from now on is of our making.
    const said = this.tap ? this.said('server') : [];
    for (const it of this.processes ?? []) if (it !== this.server) it.child.kill('SIGKILL');
    if (!this.server) return;
    const wasEnded = this.tap.server === null;
    this.server.child.kill('SIGTERM');
    const exit = await this.until('the server ends', () => this.server.exit).finally(() => {
      this.server.child.kill('SIGKILL');
      this.tap.close();
    });
    check(wasEnded || exit.code === 0, `the server ended with ${JSON.stringify(exit)}: ${this.server.errors}`);
    check(!/panicked/.test(this.server.errors), `the server panicked: ${this.server.errors}`);
    for (const text of said) {
      const [, name] = /<stream:error[^>]*><([a-z-]+)/.exec(text) ?? [];
      check(!name || this.expectedErrors.has(name), `the server ended a stream: ${text}`);
    }
  }

  /** For whoever has to find out why: all that was told and said. */
  transcript() {
    const cut = (text) => (text.length > 400 ? `${text.slice(0, 400)}..` : text);
    const frames = (this.tap?.connections ?? []).flatMap(({ frames, over }, number) => [
      ...frames.map(({ from, op, text }) => `  ${number} ${from === 'client' ? '>' : '<'} ${op} ${cut(text.split('\r\n')[0])}`),
      `  ${number} ${over ? 'is over' : 'lives'}`,
    ]);
    const errors = [...(this.processes ?? [])].map((it) => it.errors.trim()).filter(Boolean);
    return [...this.told.map((it) => `  ${JSON.stringify(it)}`), ...frames, ...errors].join('\n');
  }

  #spawn([command, ...parameters], onLine, more = {}) {
    const env = { ...process.env, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1', ...more };
    const child = spawn(command, parameters, { cwd: folder, env });
    const it = { child, errors: '', exit: null };
    it.say = (line) => child.stdin.write(`${JSON.stringify(line)}\n`);
    children.add(child);
    (this.processes ??= new Set()).add(it);
    child.stdin.on('error', () => {});
    child.stderr.on('data', (bytes) => (it.errors += bytes));
    child.on('error', (error) => {
      it.exit = { error: String(error) };
      this.#changed();
    });
    child.on('exit', (code, signal) => {
      children.delete(child);
      it.exit = { code, signal };
      this.#changed();
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      try {
        onLine(JSON.parse(line));
      } catch {
        it.errors += `${line}\n`;
      }
      this.#changed();
    });
    return it;
  }
}
