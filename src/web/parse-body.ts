import { bodyParser } from '@koa/bodyparser';
import type { Middleware } from 'koa';

/** Bodies of pages and of the management API. */
export const parseBody = bodyParser({
  enableTypes: ['json', 'form'],
  jsonLimit: '64kb',
  formLimit: '64kb',
  // The parser gives its faults a status, but does not say that they are the sender's.
  onError: (error) => {
    throw Object.assign(error, { expose: true });
  },
}) as Middleware;
