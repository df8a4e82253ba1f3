// What a request relies on is read once, in whatever place asks first: all of it decides on the same facts.
import { Provider } from 'oidc-provider';
import type { Store } from '../store/database.ts';

type Read<Value> = (store: Store, id: string) => Promise<Value>;

export function onceARequest<Value>(read: Read<Value>): Read<Value> {
  const seen = new WeakMap<object, Map<string, Promise<Value>>>();
  return (store, id) => {
    const { ctx } = Provider;
    if (ctx === undefined) return read(store, id);
    const readings = seen.get(ctx.req) ?? new Map<string, Promise<Value>>();
    seen.set(ctx.req, readings);
    const reading = readings.get(id) ?? read(store, id);
    readings.set(id, reading);
    return reading;
  };
}
