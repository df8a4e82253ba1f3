const part = (id) => document.getElementById(id);

const day = (text) =>
  new Date(`${text.slice(0, 10)}T12:00:00`).toLocaleDateString('en-US', { dateStyle: 'medium' });

export function showPatient(patient) {
  const name = patient?.name?.[0];
  part('patient-name').textContent = name
    ? `${name.given?.join(' ') ?? ''} ${name.family ?? ''}`.trim()
    : 'Your health record';
  part('born').hidden = !patient?.birthDate;
  if (patient?.birthDate) part('born').textContent = `Born ${day(patient.birthDate)}`;
}

export function showVisit(visit) {
  part('visit').hidden = !visit?.period?.start;
  if (visit?.period?.start) part('visit').textContent = `Visit of ${day(visit.period.start)}`;
}

export function showResults(observations) {
  const newestFirst = [...observations].sort(
    (a, b) =>
      (b.effectiveDateTime ?? '').localeCompare(a.effectiveDateTime ?? '') ||
      nameOf(a).localeCompare(nameOf(b)),
  );
  part('lab-results').tBodies[0].replaceChildren(...newestFirst.map(row));
  part('results').hidden = false;
}

function row(observation) {
  const line = element('tr', 'row');
  const name = element('th', 'rowheader', nameOf(observation));
  name.scope = 'row';
  const result = cell('Result', '');
  const { value, unit } = observation.valueQuantity ?? {};
  const figure = element('strong', undefined, value === undefined ? 'No figure' : String(value));
  result.append(figure, value === undefined ? '' : ` ${unit ?? ''} `, flag(observation));
  const date = observation.effectiveDateTime;
  line.append(
    name,
    result,
    cell('Usual range', range(observation)),
    cell('Date', date ? day(date) : 'Not known'),
  );
  return line;
}

const nameOf = ({ code }) => code?.text ?? code?.coding?.[0]?.display ?? 'Test';

function flag(observation) {
  const code = observation.interpretation?.[0]?.coding?.[0]?.code;
  const word = { H: 'High', L: 'Low' }[code];
  if (!word) return '';
  const mark = element('span', undefined, word);
  mark.className = 'flag';
  return mark;
}

function range({ referenceRange }) {
  const { low, high } = referenceRange?.[0] ?? {};
  const unit = (low ?? high)?.unit ?? '';
  if (low && high) return `${low.value} to ${high.value} ${unit}`;
  if (low) return `${low.value} ${unit} or more`;
  return high ? `${high.value} ${unit} or less` : 'Not given';
}

function cell(label, text) {
  const made = element('td', 'cell', text);
  made.dataset.label = label;
  return made;
}

function element(tag, role, text = '') {
  const made = document.createElement(tag);
  if (role) made.setAttribute('role', role);
  made.textContent = text;
  return made;
}
