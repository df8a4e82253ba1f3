// Everything that a receiver asks for. Programs only: JSON in and out.
import type Router from '@koa/router';
import { controlRoutes } from './control-routes.ts';
import type { StreamDeps } from './deps.ts';
import { pollRoutes } from './poll-routes.ts';
import { streamRoutes } from './stream-routes.ts';

export const signalRoutes = (deps: StreamDeps): Router[] =>
  [streamRoutes, controlRoutes, pollRoutes].map((routes) => routes(deps));
