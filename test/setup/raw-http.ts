// Bytes on a socket: what no HTTP client would send.
import { connect } from 'node:net';

/** Sends the text as it is; answers with all that came back until the server closed. */
export function raw(origin: string, text: string, timeoutMs = 60_000): Promise<string> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setEncoding('utf8').setTimeout(timeoutMs, () => socket.destroy(new Error('no answer in time')));
    socket.on('data', (part) => {
      answer += part;
    });
    socket.on('error', reject).on('close', () => resolve(answer));
    socket.write(text);
  });
}
