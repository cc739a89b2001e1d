// The page of the chat. XMPP is the wasm's business: it is told what to do, and tells what happens (see src/lib.rs).
import start, { Chat, last_account } from './pkg/xmpp_ws_page.js';

const $ = (selector, under = document) => under.querySelector(selector);
const login = $('#login');
const people = new Map(); // by bare address: { item, messages, unread, presence }
let chat, own, chosen;

// What was said before the page was loaded again.
const KEPT = 'xmpp-ws-page.people';
let kept = recall();

// --- the login
const asked = new URLSearchParams(location.search);
login.address.value = asked.get('address')
  ?? `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/xmpp-websocket`;
// Whoever is logged in already sees no form while the wasm is got.
if (kept?.online) show(true);
// A script of this kind runs when the page is there; the wasm is got while somebody looks at it.
const started = start();
started.then(() => {
  chat = Chat.resume(told);
  if (chat) {
    enter(chat.account());
    status('waiting', 'connecting again …');
    chat.look(!document.hidden);
  } else {
    show(false);
    login.account.value ||= asked.get('account') ?? last_account() ?? '';
  }
}, (error) => fail(error.message ?? String(error)));

login.addEventListener('submit', async (event) => {
  event.preventDefault();
  busy(true);
  try {
    await started;
    chat?.free();
    const keepalive = asked.has('keepalive') ? Number(asked.get('keepalive')) : undefined;
    const { address, account, password, plain } = login;
    chat = new Chat(address.value, account.value, password.value, plain.checked, keepalive, told);
  } catch (error) {
    fail(error.message ?? String(error));
  }
});

function busy(is) {
  $('button', login).disabled = is;
  $('button', login).textContent = is ? 'Logging in …' : 'Log in';
  if (is) $('#failure').hidden = true;
}

function fail(why) {
  busy(false);
  $('#failure').textContent = why;
  $('#failure').hidden = false;
}

function show(isIn) {
  $('#entry').hidden = isIn;
  $('#chat').hidden = !isIn;
}

function status(state, words, why = '') {
  $('#status').dataset.state = state;
  $('#status').textContent = words;
  $('#status').title = why;
}

function enter(who) {
  busy(false);
  show(true);
  own = who;
  face($('#own-face'), own);
  $('#own-name').textContent = own;
  document.title = `${own} · xmpp-ws chat`;
  if (kept?.own === own) {
    for (const [who, { messages, unread, presence }] of kept.people) {
      const said = messages.map(({ at, ...message }) => ({ ...message, at: new Date(at) }));
      Object.assign(meet(who), { messages: said, unread, presence });
      draw(who);
    }
    if (kept.chosen) choose(kept.chosen);
  }
  kept = undefined;
}

function leave() {
  show(false);
  busy(false);
  // The next to log in may be another.
  people.clear();
  $('#people').replaceChildren();
  $('#messages').replaceChildren();
  for (const id of ['#with', '#write']) $(id).hidden = true;
  $('#nobody').hidden = false;
  chat = chosen = undefined;
}

// --- what happens
function told(kind, first, second) {
  const handlers = {
    connected: () => {},
    bound: () => {
      enter(chat.account());
      status('online', 'online');
      for (const who of people.keys()) chat.greet(who);
    },
    disconnected: () => status('waiting', 'connecting again …', first),
    resumed: () => {
      enter(chat.account());
      status('online', 'online');
    },
    message: () => receive(first, second),
    presence: () => {
      const person = meet(first);
      // Whoever greets is told that one is there, too, once.
      if (second === 'available' && person.presence !== 'available') chat.greet(first);
      person.presence = second;
      draw(first);
    },
    refused: () => note(first, `not delivered: ${second}`),
    undelivered: () => status('gone', 'some messages were not sent'),
    ended: () => {
      if (second === 'closed') {
        leave();
      } else if ($('#chat').hidden || second === 'password') {
        show(false);
        login.account.value ||= chat.account();
        fail(first);
      } else {
        status('gone', first);
      }
    },
  };
  handlers[kind]?.();
}

function meet(who) {
  if (!people.has(who)) {
    const item = $('#person').content.firstElementChild.cloneNode(true);
    face($('.face', item), who);
    $('b', item).textContent = who.split('@')[0] || who;
    $('button', item).addEventListener('click', () => choose(who));
    $('#people').append(item);
    people.set(who, { item, messages: [], unread: 0, presence: '' });
    draw(who);
  }
  return people.get(who);
}

function receive(who, body) {
  const person = meet(who);
  person.messages.push({ mine: false, body, at: new Date() });
  if (who !== chosen) person.unread += 1;
  $('#people').prepend(person.item);
  draw(who);
  if (!chosen) choose(who);
}

function note(who, words) {
  const last = meet(who).messages.findLast((message) => message.mine);
  if (!last) return;
  last.failed = words;
  mark(last);
}

function mark({ bubble, failed }) {
  bubble?.classList.toggle('failed', failed !== undefined);
  if (failed) bubble?.setAttribute('title', failed);
}

// --- what is seen
function face(element, who) {
  element.textContent = who[0] ?? '?';
  const hue = [...who].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);
  element.style.setProperty('--hue', hue);
}

function draw(who) {
  const { item, messages, unread, presence } = people.get(who);
  const last = messages.at(-1);
  $('small', item).textContent = last ? `${last.mine ? 'You: ' : ''}${last.body}` : who;
  $('.count', item).hidden = unread === 0;
  $('.count', item).textContent = unread;
  item.setAttribute('aria-current', who === chosen);
  if (who !== chosen) return;
  $('#with b').textContent = who;
  $('#with small').textContent = { available: 'online', unavailable: 'offline' }[presence] ?? '';
  const list = $('#messages');
  const bubbles = messages.map((message, at) => message.bubble ??= bubble(message, messages[at - 1]));
  messages.forEach(mark);
  if (list.firstChild !== bubbles[0]) list.replaceChildren();
  list.append(...bubbles.slice(list.children.length));
  list.scrollTop = list.scrollHeight;
}

function bubble({ mine, body, at }, before) {
  const item = document.createElement('li');
  item.classList.add(mine ? 'mine' : 'theirs');
  item.classList.toggle('turn', before !== undefined && before.mine !== mine);
  const time = document.createElement('time');
  time.textContent = at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  item.append(body, time);
  return item;
}

function choose(who) {
  const before = chosen;
  chosen = who;
  meet(who).unread = 0;
  if (before && before !== who) draw(before);
  for (const id of ['#with', '#write']) $(id).hidden = false;
  $('#nobody').hidden = true;
  face($('#with .face'), who);
  draw(who);
  $('#write').body.focus();
}

// --- what is said
$('#find').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = event.target.who;
  const typed = field.value.trim().toLowerCase();
  const who = typed.includes('@') ? typed : `${typed}@${own.split('@').at(-1)}`;
  field.value = '';
  if (!people.has(who)) {
    meet(who);
    chat.greet(who);
  }
  choose(who);
});

$('#write').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = event.target.body;
  const body = field.value.trim();
  if (!body) return;
  try {
    chat.send(chosen, body);
  } catch (error) {
    // What was written stays where it is.
    status('gone', error.message);
    return;
  }
  people.get(chosen).messages.push({ mine: true, body, at: new Date() });
  field.value = '';
  field.style.height = '';
  draw(chosen);
});

$('#write').body.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $('#write').requestSubmit();
  }
});

$('#write').body.addEventListener('input', ({ target }) => {
  target.style.height = '';
  target.style.height = `${target.scrollHeight}px`;
});

$('#leave').addEventListener('click', () => {
  if ($('#status').dataset.state === 'gone') leave();
  chat?.close();
});

// Whether the server is still there is worth a look when the network changed, or the machine woke up; and the server may
// hold back what can wait while nobody looks.
addEventListener('online', () => chat?.nudge());
document.addEventListener('visibilitychange', () => {
  chat?.look(!document.hidden);
  if (!document.hidden) chat?.nudge();
});

// --- the page goes, and another comes in this tab, which goes on
addEventListener('pagehide', () => {
  chat?.keep();
  if (!own || !chat) return;
  const said = [...people].map(([who, { messages, unread, presence }]) =>
    [who, { messages: messages.map(({ bubble, ...message }) => message), unread, presence }]);
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ own, chosen, people: said, online: !$('#chat').hidden }));
  } catch {
    // There is no room: what was said is not seen again.
  }
});

function recall() {
  try {
    const said = JSON.parse(sessionStorage.getItem(KEPT));
    sessionStorage.removeItem(KEPT);
    return said;
  } catch {
    // It is forbidden: nothing was kept.
    return undefined;
  }
}

// The way back may lead to this very page, whose session another may have taken.
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
