// The OpenAPI 3.1 document of the management API, made from the operations themselves.
import { z } from 'zod';
import { API_PATH, type Operation } from './operation.ts';
import { operations } from './operations.ts';

type Schema = Record<string, unknown>;

/** JSON Schema 2020-12, as OpenAPI 3.1 takes it: of what is sent, or of what is answered. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _, ...written } = z.toJSONSchema(schema, {
    ...{ io, target: 'draft-2020-12', unrepresentable: 'any' },
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'date')
        Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
      // Texts are cut to what they say; whoever reads them may hold more.
      if (io === 'output' && jsonSchema.additionalProperties === false)
        delete jsonSchema.additionalProperties;
    },
  });
  return written;
}

const error = z.object({
  error: z.string(),
  error_description: z.string(),
  faults: z
    .array(z.object({ field: z.string(), code: z.string(), text: z.string(), value: z.string().optional() }))
    .optional(),
});

const json = (schema: Schema) => ({ 'application/json': { schema } });

const ERRORS = {
  400: 'Something that was sent is not acceptable: all that is wrong, at once',
  401: 'No token, none that is good, or a passkey must be shown first (RFC 9470)',
  403: 'Your roles do not allow it, or you judge your own',
  404: 'There is no such record, or none that you may know of',
  409: 'The record is not in a state that allows this',
  503: 'The database does not answer: try again in a few seconds',
} as const;

function parametersOf({ path, query }: Operation): readonly Schema[] {
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true, schema: { type: 'string' } },
  }));
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, Schema>;
    required?: readonly string[];
  };
  const asked = Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: 'query', required: required.includes(name), schema },
  }));
  return [...named, ...asked];
}

function described(operation: Operation): Schema {
  const { id: operationId, tag, summary, status, body, answer, files = [], passkeyMinutes } = operation;
  const content =
    answer === undefined
      ? Object.fromEntries(files.map((type) => [type, {}]))
      : json(schemaOf(answer, 'output'));
  const done = { description: 'Done', ...(Object.keys(content).length > 0 && { content }) };
  const failed = Object.entries(ERRORS).map(
    ([code, description]) =>
      [code, { description, content: json({ $ref: '#/components/schemas/error' }) }] as const,
  );
  return {
    ...{ operationId, tags: [tag], summary, parameters: parametersOf(operation) },
    ...(passkeyMinutes && { 'x-passkey-minutes': passkeyMinutes }),
    ...(body && { requestBody: { required: true, content: json(schemaOf(body, 'input')) } }),
    responses: { [status]: done, ...Object.fromEntries(failed) },
  };
}

export function openApiDocument(issuer: string): Schema {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const operation of operations)
    paths[operation.path] = { ...paths[operation.path], [operation.method]: described(operation) };
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'Postern management API',
      version: '1',
      description:
        'All that the developer portal and the console do, with the same rules. What they ask a passkey for again takes one here too: within `x-passkey-minutes` of it, shown on one of those pages.',
    },
    servers: [{ url: `${issuer}${API_PATH}` }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token of yours, made in the portal' },
      },
      schemas: { error: schemaOf(error, 'output') },
    },
  };
}
