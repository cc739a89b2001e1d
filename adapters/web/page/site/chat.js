// The page of the chat. XMPP is the wasm's business: it is told what to do, and tells what happens (see src/lib.rs).
import start, { Chat, last_account } from './pkg/xmpp_ws_page.js';

const $ = (selector, under = document) => under.querySelector(selector);
const login = $('#login');
const people = new Map(); // by bare address: { item, messages, unread, presence }
let chat, own, chosen;

// --- the login
const asked = new URLSearchParams(location.search);
login.address.value = asked.get('address')
  ?? `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/xmpp-websocket`;
// A script of this kind runs when the page is there; the wasm is got while somebody looks at it.
const started = start();
started.then(() => { login.account.value ||= asked.get('account') ?? last_account() ?? ''; }, () => {});

login.addEventListener('submit', async (event) => {
  event.preventDefault();
  busy(true);
  try {
    await started;
    chat?.free();
    const keepalive = asked.has('keepalive') ? Number(asked.get('keepalive')) : undefined;
    const { address, account, password, plain } = login;
    chat = new Chat(address.value, account.value, password.value, plain.checked, keepalive, told);
    own = login.account.value.split('/')[0];
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

function status(state, words) {
  $('#status').dataset.state = state;
  $('#status').textContent = words;
}

// --- what happens
function told(kind, first, second) {
  const handlers = {
    connected: () => {},
    bound: () => {
      busy(false);
      show(true);
      face($('#own-face'), own);
      $('#own-name').textContent = own;
      document.title = `${own} · xmpp-ws chat`;
      status('online', 'online');
      for (const who of people.keys()) chat.greet(who);
    },
    disconnected: () => status('waiting', 'connecting again …'),
    resumed: () => status('online', 'online'),
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
      if ($('#chat').hidden || second === 'closed') {
        show(false);
        second === 'closed' ? busy(false) : fail(first);
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
  const last = meet(who).messages.findLast((message) => message.mine)?.bubble;
  last?.classList.add('failed');
  last?.setAttribute('title', words);
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
  if ($('#status').dataset.state === 'gone') show(false);
  chat.close();
});

// Whether the server is still there is worth a look when the network changed, or the machine woke up.
addEventListener('online', () => chat?.nudge());
document.addEventListener('visibilitychange', () => document.hidden || chat?.nudge());
