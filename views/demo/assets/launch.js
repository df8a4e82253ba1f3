const { fhirBase, network, ...registered } = document.getElementById('main').dataset;
const { FHIR } = window;

function fail(text) {
  document.getElementById('status').textContent = 'Not connected.';
  const error = document.getElementById('error');
  error.textContent = text;
  error.hidden = false;
  document.getElementById('retry').hidden = false;
}

// fhirclient lets the address bar overrule its options: only the one network we work with may start us
const address = new URLSearchParams(location.search);
const foreign = ['fhirServiceUrl', 'clientId', 'patientId'].some((name) => address.has(name));
// Opened from an EHR, it is a clinician who asks: that is another registration, for treatment
const byEhr = address.has('launch');
const clientId = byEhr ? registered.clinicClientId : registered.clientId;
const scope = byEhr ? registered.clinicScope : registered.scope;
const iss = address.get('iss')?.replace(/\/$/, '');

// SMART App Launch: at least 122 bits; the library's own state is shorter and not from a secure source
const stateKey = Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) =>
  byte.toString(16).padStart(2, '0'),
).join('');

if (foreign || (iss && iss !== fhirBase) || (byEhr && !iss)) {
  fail('This link starts Lantern Health for another health network. We work with one only, so we stopped.');
} else {
  FHIR.oauth2
    .authorize({
      iss: fhirBase,
      clientId,
      scope,
      redirectUri: new URL('/app', location.origin).href,
      pkceMode: 'required',
      completeInTarget: true,
      stateKey,
    })
    .catch(() => fail(`We could not reach ${network}. Please try again in a minute.`));
}
