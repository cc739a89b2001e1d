// A TCP proxy whose line can be cut and mended.
import net from 'node:net';

/** A proxy on a free port of 127.0.0.1 to that port there. */
export async function proxy(port) {
  const pairs = new Set();
  let whole = true;
  const server = net.createServer((client) => {
    if (!whole) return client.resetAndDestroy();
    const upstream = net.connect(port, '127.0.0.1');
    const pair = [client, upstream];
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client]]) {
      from.pipe(to);
      // A reset on one side ends the other, too.
      from.on('error', () => {});
      from.on('close', () => { to.destroy(); pairs.delete(pair); });
    }
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    port: server.address().port,
    cut() {
      whole = false;
      for (const [client, upstream] of pairs) { client.resetAndDestroy(); upstream.destroy(); }
    },
    mend() { whole = true; },
    close() { this.cut(); server.close(); },
  };
}
