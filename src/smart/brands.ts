import { z } from 'zod';

// SMART brands, "Brand Profile": only what apps rely on is checked; the rest is the publisher's and is served as it is.
const https = z.url({ protocol: /^https$/, error: 'must be an https URL' });
const identifier = z.looseObject({ system: z.string().optional(), value: z.string().min(1) });
const reference = z.looseObject({ reference: z.string().min(1) });
// A publisher that was not told the website says so beside it (data absent reason).
const website = z
  .looseObject({
    system: z.literal('url', 'must be url'),
    value: https.optional(),
    _value: z.unknown().optional(),
  })
  .refine(({ value, _value }) => value !== undefined || _value !== undefined, 'must have a value');

const organization = z.looseObject({
  resourceType: z.literal('Organization'),
  id: z.string().min(1),
  name: z.string().min(1),
  telecom: z.tuple([website], 'must be the one website of the brand'),
  identifier: z.array(identifier).optional(),
  endpoint: z.array(reference).optional(),
  partOf: reference.optional(),
});
const endpoint = z.looseObject({
  resourceType: z.literal('Endpoint'),
  id: z.string().min(1),
  address: z.url('must be a URL'),
});
const bundleSchema = z.looseObject({
  resourceType: z.literal('Bundle', 'must be Bundle'),
  type: z.literal('collection', 'must be collection'),
  timestamp: z.iso.datetime({ offset: true, error: 'must be an instant' }),
  entry: z
    .array(
      z.looseObject({
        fullUrl: z.string().optional(),
        resource: z.discriminatedUnion('resourceType', [organization, endpoint], {
          error: 'must be an Organization or an Endpoint',
        }),
      }),
    )
    .min(1, 'must have a brand'),
});

export type BrandBundle = z.infer<typeof bundleSchema>;
type Organization = z.infer<typeof organization>;

export interface BrandIdentifier {
  readonly system?: string;
  readonly value: string;
}

/** The bundle, or its first fault in words. */
export function readBrandBundle(
  json: unknown,
): { readonly bundle: BrandBundle } | { readonly fault: string } {
  const parsed = bundleSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { fault: `${issue?.path.join('.') || 'the file'} ${issue?.message}` };
  }
  const bundle = parsed.data;
  const brands = brandsOf(bundle);
  if (brands.length === 0) return { fault: 'it has no Organization: at least one brand is needed' };
  // SMART brands, "Conformance Overview": a primary brand for each endpoint, and two reasons for what is not told.
  const orphan = bundle.entry.find(
    ({ resource }) =>
      resource.resourceType === 'Endpoint' && !brands.some((brand) => names(brand, bundle, resource.id)),
  );
  if (orphan !== undefined) return { fault: `no brand refers to Endpoint/${orphan.resource.id}` };
  const reason = absentReasons(json).find((code) => code !== 'asked-declined' && code !== 'asked-unknown');
  if (reason !== undefined) return { fault: `the data absent reason ${String(reason)} is not allowed` };
  return { bundle };
}

/**
 * What the document of a FHIR base says about its brand. Nothing when it cannot be told apart: the identifier is
 * required beside a bundle of several brands, and must match exactly one (SMART brands, "Conformance Overview").
 */
export function brandOf(
  bundle: BrandBundle,
  fhirBase: string,
): { readonly identifier?: BrandIdentifier } | undefined {
  const brands = brandsOf(bundle);
  const own = bundle.entry.flatMap(({ resource }) =>
    resource.resourceType === 'Endpoint' && sameUrl(resource.address, fhirBase) ? [resource.id] : [],
  );
  const mine = brands.filter((brand) => own.some((id) => names(brand, bundle, id)));
  const primary = mine.find((brand) => brand.partOf === undefined) ?? mine[0];
  const unique = primary?.identifier?.find(
    (one) =>
      brands.flatMap((brand) => (brand.identifier ?? []).filter((other) => same(one, other))).length === 1,
  );
  if (unique !== undefined) {
    const { system, value } = unique;
    return { identifier: system === undefined ? { value } : { system, value } };
  }
  return brands.length === 1 && primary !== undefined ? {} : undefined;
}

function brandsOf({ entry }: BrandBundle): Organization[] {
  return entry.flatMap(({ resource }) => (resource.resourceType === 'Organization' ? [resource] : []));
}

function names(brand: Organization, { entry }: BrandBundle, endpointId: string): boolean {
  const fullUrl = entry.find(
    ({ resource }) => resource.resourceType === 'Endpoint' && resource.id === endpointId,
  )?.fullUrl;
  return (brand.endpoint ?? []).some(
    (one) => one.reference === `Endpoint/${endpointId}` || one.reference === fullUrl,
  );
}

const same = (a: BrandIdentifier, b: BrandIdentifier) => a.value === b.value && a.system === b.system;
const sameUrl = (a: string, b: string) => a.replace(/\/$/, '') === b.replace(/\/$/, '');

const ABSENT = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

function absentReasons(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(absentReasons);
  return 'url' in value && value.url === ABSENT && 'valueCode' in value ? [value.valueCode, ...inner] : inner;
}
