// What all scenarios play on: `xmpp-ws serve` and one Chromium.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

export const out = process.env.XMPP_WS_WEB;
const { chromium } = createRequire(`${out}/node/`)('playwright-core');
/** How long anything may take, in milliseconds. */
export const TIME = 20_000;

async function serve() {
  const users = ['alice', 'bob'].flatMap((name) => ['--user', `${name}:secret`]);
  const process_ = spawn(process.env.XMPP_WS_SERVE,
    ['serve', '--json', '--listen', '127.0.0.1:0', '--web', `${out}/site`, ...users],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await Promise.race([
    new Promise((told) => createInterface(process_.stdout).once('line', (line) => told([line]))),
    new Promise((_, failed) => process_.once('exit', () => failed(new Error('serve did not start')))),
  ]);
  const url = new URL(JSON.parse(line).url);
  return { url, port: Number(url.port), page: `http://${url.host}/`, process: process_ };
}

const profile = `${out}/profile`;
rmSync(profile, { recursive: true, force: true });
mkdirSync(profile, { recursive: true });
export const server = await serve();
// A folder of its own for what it keeps, its temporary files among it.
export const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  env: { ...process.env, TMPDIR: profile, HOME: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile },
});
