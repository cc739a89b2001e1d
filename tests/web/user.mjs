// A user in a page of the chat, by what it shows and what it says.
import { TIME, browser, server } from './stage.mjs';

export class User {
  static async open(name, { address = server.url.href, password = 'secret', view = {}, query = {} } = {}) {
    const context = await browser.newContext({ viewport: { width: 1100, height: 720 }, ...view });
    const page = await context.newPage();
    page.setDefaultTimeout(TIME);
    const user = Object.assign(new User(), { name, context, page, password, errors: [], frames: [], sockets: [] });
    page.on('pageerror', (error) => user.errors.push(String(error)));
    page.on('websocket', (socket) => {
      user.sockets.push(socket);
      socket.on('framesent', ({ payload }) => user.frames.push(payload));
    });
    await page.goto(`${server.page}?${new URLSearchParams({ address, account: `${name}@localhost`, ...query })}`);
    return user;
  }

  async enter() {
    await this.page.waitForFunction(() => document.querySelector('[name=account]').value !== '');
    await this.page.fill('[name=password]', this.password);
    await this.page.click('#login > button');
  }

  async logIn() {
    await this.enter();
    await this.page.waitForSelector('#status[data-state=online]');
    return this;
  }

  async talkTo(name) {
    await this.page.fill('[name=who]', `${name}@localhost`);
    await this.page.press('[name=who]', 'Enter');
  }

  async say(text) {
    await this.page.fill('[name=body]', text);
    await this.page.press('[name=body]', 'Enter');
  }

  async hears(text) {
    await this.page.waitForFunction((text) => [...document.querySelectorAll('#messages .theirs')]
      .some((item) => item.firstChild.data === text), text);
  }

  /** That this, in this order and once, is all that was heard. */
  async hearsInAll(texts) {
    const heard = await this.page.$$eval('#messages .theirs', (items) => items.map((item) => item.firstChild.data));
    check(JSON.stringify(heard) === JSON.stringify(texts), `${this.name} heard ${JSON.stringify(heard)}`);
  }

  /** Another tab with a copy of what this one has in its sessionStorage, at this address' site. */
  async duplicate(address) {
    const opened = await this.context.newPage();
    await this.page.route('**/blank', (route) => route.fulfill({ body: '' }));
    await opened.route('**/blank', (route) => route.fulfill({ body: '' }));
    await this.page.goto(`${address}blank`);
    await opened.goto(`${address}blank`);
    const entries = await this.page.evaluate(() => Object.entries(sessionStorage));
    await opened.evaluate((entries) => entries.forEach(([key, text]) => sessionStorage.setItem(key, text)), entries);
    await this.page.goBack();
    return Object.assign(new User(), { ...this, page: opened });
  }

  /** Another tab comes before this one, or goes: there is no such event in a browser without a screen. */
  async hides(hidden) {
    await this.page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  }

  async state(state) {
    await this.page.waitForSelector(`#status[data-state=${state}]`);
    return this.page.textContent('#status');
  }

  async leave() {
    const { errors } = this;
    await this.context.close();
    check(errors.length === 0, `an error in the page of ${this.name}: ${errors.join('; ')}`);
  }
}

export function check(holds, words) {
  if (!holds) throw new Error(words);
}

export async function pair(address) {
  const alice = await (await User.open('alice', { address })).logIn();
  const bob = await (await User.open('bob', { address })).logIn();
  await alice.talkTo('bob');
  await bob.talkTo('alice');
  return [alice, bob];
}
