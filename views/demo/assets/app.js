import { AccessEnded, openRecord, readLabResults, readPatient, readVisit } from './record.js';
import { showPatient, showResults, showVisit } from './results.js';

const { issuer, network, clinicClientId } = document.getElementById('main').dataset;
const part = (id) => document.getElementById(id);

const words = {
  ended: 'Access has ended. You or your health network stopped it.',
  expired: 'This visit has run out. Connect again to go on.',
  cancelled: 'You chose not to share. Nothing was connected, and we have seen nothing.',
  refused: `${network} did not complete the connection. Please try again.`,
  notConnected: 'Your health record is not connected.',
  notShared: 'You did not share lab results with Lantern Health.',
  unreachable: `We could not reach ${network}. Please try again in a minute.`,
};

let client;

function setStatus(text) {
  part('status').textContent = text;
}

function fail(text, { connect }) {
  setStatus('');
  part('error').textContent = text;
  part('error').hidden = false;
  part('connect').hidden = !connect;
  part('read-again').hidden = connect;
  if (connect) forget();
}

// What is no longer shared is no longer shown.
function forget() {
  for (const id of ['results', 'born', 'visit', 'stop']) part(id).hidden = true;
  part('lab-results').tBodies[0].replaceChildren();
  part('patient-name').textContent = 'Your health record';
}

async function read() {
  part('error').hidden = true;
  part('read-again').disabled = true;
  setStatus('Reading your record …');
  try {
    showPatient(await readPatient(client));
    showVisit(await readVisit(client));
    const results = await readLabResults(client);
    showResults(results);
    const count = results.length === 1 ? '1 result' : `${results.length} results`;
    setStatus(`${count} read at ${new Date().toLocaleTimeString([], { timeStyle: 'medium' })}`);
    part('read-again').hidden = false;
    // A clinician works under her EHR: what patients share is not hers to stop.
    part('stop').hidden = client.getState('clientId') === clinicClientId;
  } catch (error) {
    if (error instanceof AccessEnded) return fail(words[error.cause], { connect: true });
    if (error.status !== 403) return fail(words.unreachable, { connect: false });
    part('results').hidden = true;
    fail(words.notShared, { connect: false });
  } finally {
    part('read-again').disabled = false;
  }
}

async function start() {
  const answer = new URLSearchParams(location.search);
  const problem = answer.get('error');
  // RFC 9207: an answer that another server sent is not ours to use
  const foreign = answer.has('iss') && answer.get('iss') !== issuer;
  const refused = problem || foreign;
  client = refused ? undefined : await openRecord().catch(() => undefined);
  history.replaceState(null, '', location.pathname);
  if (client?.getState('tokenResponse.access_token')) return read();
  const state =
    problem === 'access_denied' ? 'cancelled' : refused || answer.has('code') ? 'refused' : 'notConnected';
  fail(words[state], { connect: true });
}

part('read-again').addEventListener('click', read);
start();
