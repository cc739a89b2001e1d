// A tap between a client and the server: passes every byte on as it is, and keeps what was said, frame by frame.
//
// Clients dial the tap, whose address stays the same while servers come and go behind it.

import net from 'node:net';

const OPCODES = { 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };

export class Tap {
  static async listen(heard) {
    const tap = new Tap(heard);
    // Both ends say for themselves when they have nothing more to say.
    tap.listener = net.createServer({ allowHalfOpen: true }, (client) => tap.#pass(client));
    await new Promise((resolve, reject) => {
      tap.listener.on('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return tap;
  }

  constructor(heard) {
    this.heard = heard;
    /** Where the server is; null while there is none. */
    this.server = null;
    /** One for each connection: `{frames: [{from, op, text}], over}`. */
    this.connections = [];
    this.sockets = new Set();
  }

  url(path) {
    return `ws://127.0.0.1:${this.listener.address().port}${path}`;
  }

  close() {
    this.listener.close();
    for (const socket of this.sockets) socket.destroy();
  }

  #pass(client) {
    if (this.server === null) return client.destroy();
    const connection = { frames: [], over: false };
    this.connections.push(connection);
    const server = net.connect({ port: this.server, host: '127.0.0.1', allowHalfOpen: true });
    for (const [socket, other, from] of [[client, server, 'client'], [server, client, 'server']]) {
      const reader = new Reader((frame) => {
        connection.frames.push({ from, ...frame });
        this.heard();
      });
      socket.setNoDelay(true);
      this.sockets.add(socket);
      socket.on('data', (bytes) => {
        reader.read(bytes);
        other.write(bytes);
      });
      socket.on('end', () => other.end());
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        if (!this.sockets.has(other)) {
          connection.over = true;
          this.heard();
        }
      });
    }
  }
}

/** Reads one direction of a WebSocket (RFC 6455 § 5.2): an HTTP head, then frames. */
class Reader {
  constructor(tell) {
    this.tell = tell;
    this.bytes = Buffer.alloc(0);
    this.isOpen = false;
    this.parts = [];
  }

  read(bytes) {
    this.bytes = Buffer.concat([this.bytes, bytes]);
    if (!this.isOpen) {
      const end = this.bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.tell({ op: 'http', text: this.bytes.toString('latin1', 0, end) });
      this.#drop(end + 4);
      this.isOpen = true;
    }
    while (this.#frame());
  }

  #frame() {
    const [head, second] = this.bytes;
    if (this.bytes.length < 2) return false;
    let at = 2;
    let length = second & 0x7f;
    const extra = { 126: 2, 127: 8 }[length] ?? 0;
    const mask = second & 0x80 ? 4 : 0;
    if (this.bytes.length < at + extra + mask) return false;
    if (extra > 0) length = Number(BigInt(`0x${this.bytes.toString('hex', at, at + extra)}`));
    at += extra;
    const key = this.bytes.subarray(at, at + mask);
    at += mask;
    if (this.bytes.length < at + length) return false;
    const payload = Buffer.from(this.bytes.subarray(at, at + length));
    if (mask) payload.forEach((byte, index) => (payload[index] = byte ^ key[index % 4]));
    this.#drop(at + length);
    this.#told(head & 0x0f, Boolean(head & 0x80), payload);
    return true;
  }

  #told(opcode, isLast, payload) {
    if (opcode >= 8) {
      const text = opcode === 8 && payload.length >= 2 ? String(payload.readUInt16BE()) : '';
      return this.tell({ op: OPCODES[opcode] ?? `opcode ${opcode}`, text });
    }
    if (opcode !== 0) this.op = OPCODES[opcode] ?? `opcode ${opcode}`;
    this.parts.push(payload);
    if (!isLast) return;
    this.tell({ op: this.op, text: Buffer.concat(this.parts).toString('utf8') });
    this.parts = [];
  }

  #drop(length) {
    this.bytes = this.bytes.subarray(length);
  }
}
