// Sends one request over and over on several connections: web-load.js URL COOKIES CONNECTIONS SECONDS, where each connection has the
// next of the cookies, which stand between commas. Prints JSON: requests, p50 and p99 in milliseconds, and how many answers were
// not as the first one.
import { connect } from 'node:net';

const [address, cookies, connections, seconds] = process.argv.slice(2);
const { hostname, port, pathname } = new URL(address);
const requestOf = (cookie) =>
  `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nCookie: ${process.env.COOKIE_NAME ?? 'sessionid'}=${cookie}\r\nAccept: application/json\r\n\r\n`;
const visitors = cookies.split(',');
const times = [];
let failed = 0;
const end = performance.now() + Number(seconds) * 1000;

function run(request) {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true).on('error', reject).on('close', resolve);
    let [text, sent] = ['', 0];
    const send = () => {
      text = '';
      sent = performance.now();
      socket.write(request);
    };
    socket.on('connect', send).on('data', (chunk) => {
      text += chunk.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      if (head === -1) return;
      const length = /content-length: (\d+)/i.exec(text)?.[1];
      const isWhole = length === undefined ? text.endsWith('0\r\n\r\n') : text.length - head - 4 >= Number(length);
      if (!isWhole) return;
      times.push(performance.now() - sent);
      if (!text.startsWith('HTTP/1.1 200') || !text.includes('"authenticated"')) failed++;
      // A server that ends its connections is asked on a new one.
      if (/^connection: close/im.test(text)) socket.end();
      else if (performance.now() < end) send();
      else socket.destroy();
    });
  });
}

async function keepRunning(cookie) {
  while (performance.now() < end) await run(requestOf(cookie));
}

await Promise.all(
  Array.from({ length: Number(connections) }, (_, index) => keepRunning(visitors[index % visitors.length])),
);
times.sort((a, b) => a - b);
const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
console.log(JSON.stringify({ requests: times.length, p50: at(0.5), p99: at(0.99), failed }));
