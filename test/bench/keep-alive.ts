// One keep-alive connection that asks one thing after the other and tells when: raw, as the load is.
import { connect, type Socket } from 'node:net';
import { formPost } from './load.ts';

export interface Heard {
  readonly status: number;
  readonly body: string;
  /** Milliseconds of performance.now(). */
  readonly sentAt: number;
  readonly ms: number;
}

export interface Caller {
  /** One at a time. */
  post(head: string, body: string): Promise<Heard>;
  close(): void;
}

/** `host` is the one of the issuer, whatever the port. */
export const callerHead = (path: string, issuer: string, authorization: string): string =>
  formPost(path, new URL(issuer).host, authorization);

export function createCaller(port: number): Caller {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let heard = '';
  let waiting:
    | { resolve(heard: Heard): void; reject(error: Error): void; readonly sentAt: number }
    | undefined;
  const fail = (error: Error) => {
    waiting?.reject(error);
    waiting = undefined;
  };
  socket.setEncoding('latin1').on('error', fail);
  socket.on('close', () => fail(new Error('the server closed the connection')));
  socket.on('data', (chunk: string) => {
    heard += chunk;
    const answer = wholeAnswer(heard);
    if (answer === undefined || waiting === undefined) return;
    const { resolve, sentAt } = waiting;
    [heard, waiting] = ['', undefined];
    resolve({ ...answer, sentAt, ms: performance.now() - sentAt });
  });
  return {
    post: (head, body) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject, sentAt: performance.now() };
        socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      }),
    close: () => socket.destroy(),
  };
}

/** Undefined while there is more to come. */
function wholeAnswer(text: string): { status: number; body: string } | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2))?.[1];
  const body = text.slice(end + 4);
  if (length === undefined) throw new Error(`an answer without a length: ${text.slice(0, 200)}`);
  return body.length < Number(length) ? undefined : { status: Number(text.slice(9, 12)), body };
}
