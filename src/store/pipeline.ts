// One connection on which statements follow one another, none waiting for the answers before it: those of one turn of
// the event loop leave together. Each is a transaction of its own.
import pg from 'pg';

export interface Pipeline {
  query<Row>(statement: {
    readonly name: string;
    readonly text: string;
    readonly values: unknown[];
  }): Promise<Row[]>;
  end(): Promise<void>;
}

interface Corked {
  readonly connection: { readonly stream: { cork(): void; uncork(): void } };
}

/** A statement that this connection has prepared is not, or no longer, what the database knows: a new one forgets. */
const STALE = /^(0A|26|42)[0-9A-Z]{3}$/;

/** Each connection is greeted before it is used, and is not used when that fails. */
export function createPipeline(
  config: pg.ClientConfig,
  greet: (client: pg.Client) => Promise<void>,
): Pipeline {
  let current: Promise<pg.Client> | undefined;
  const corked = new WeakSet<pg.Client>();

  const open = (): Promise<pg.Client> => {
    const client = new pg.Client({ ...config, pipeline: true });
    const drop = () => {
      if (current === opening) current = undefined;
    };
    client.on('error', drop).on('end', drop);
    const opening = client
      .connect()
      .then(() => greet(client))
      .then(
        () => client,
        (error: unknown) => {
          drop();
          void client.end().catch(() => undefined);
          throw error;
        },
      );
    return opening;
  };

  /** What is written until the event loop goes on leaves in one write. */
  const gather = (client: pg.Client) => {
    if (corked.has(client)) return;
    corked.add(client);
    const { stream } = (client as unknown as Corked).connection;
    stream.cork();
    process.nextTick(() => {
      corked.delete(client);
      stream.uncork();
    });
  };

  return {
    query: async <Row>(statement: { name: string; text: string; values: unknown[] }) => {
      current ??= open();
      const client = await current;
      gather(client);
      try {
        return (await client.query(statement)).rows as Row[];
      } catch (error) {
        // What was sent before is answered; who asks next has a new one.
        if (STALE.test(String((error as { code?: unknown }).code)) && (await current) === client) {
          current = undefined;
          void client.end().catch(() => undefined);
        }
        throw error;
      }
    },
    end: async () => {
      const client = await current?.catch(() => undefined);
      current = undefined;
      await client?.end();
    },
  };
}
