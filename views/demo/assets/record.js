const { FHIR } = window;

const LABORATORY = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory';

/** cause: 'ended' (somebody stopped it) or 'expired' (it ran out by itself). */
export class AccessEnded extends Error {
  constructor(cause) {
    super('the access has ended', { cause });
  }
}

export function openRecord() {
  FHIR.oauth2.settings.refreshTokenWithClientId = true; // RFC 6749 §3.2.1: a public client names itself
  return FHIR.oauth2.ready();
}

/** Undefined when the patient did not share it. */
export async function readPatient(client) {
  if (!client.patient.id) return undefined;
  try {
    return await request(client, `Patient/${client.patient.id}`);
  } catch (error) {
    if (error.status === 403) return undefined;
    throw error;
  }
}

/** Undefined outside a visit, or when it was not shared. */
export async function readVisit(client) {
  if (!client.encounter.id) return undefined;
  try {
    return await request(client, `Encounter/${client.encounter.id}`);
  } catch (error) {
    if (error.status === 403) return undefined;
    throw error;
  }
}

export function readLabResults(client) {
  const query = new URLSearchParams({ patient: client.patient.id ?? '', category: LABORATORY });
  return request(client, `Observation?${query}`, { flat: true, pageLimit: 0 });
}

async function request(client, url, options = {}) {
  const ranOut = client.getState('expiresAt') * 1000 < Date.now();
  await keepOrEnd(client, () => client.refreshIfNeeded());
  const held = client.getState('tokenResponse');
  try {
    return await client.request(url, options);
  } catch (error) {
    if (error.status !== 401) throw error;
    if (!held.refresh_token) throw new AccessEnded(ranOut ? 'expired' : 'ended');
    // fhirclient forgets the session on 401; the refresh token tells whether access has really ended
    await resume(client, held);
    return await client.request(url, options).catch((again) => {
      throw again.status === 401 ? new AccessEnded('ended') : again;
    });
  }
}

async function resume(client, held) {
  client.state.tokenResponse = held;
  await keepOrEnd(client, () => client.refresh());
  await client.environment.getStorage().set('SMART_KEY', client.state.key);
}

// fhirclient drops the refresh token on any failure; a network that is away for a minute is no reason to
async function keepOrEnd(client, refresh) {
  const held = { ...client.getState('tokenResponse') };
  try {
    await refresh();
  } catch (error) {
    if (error.status === 400 || error.status === 401) throw new AccessEnded('ended');
    client.state.tokenResponse = held;
    await client.environment.getStorage().set(client.state.key, client.state);
    throw error;
  }
}
