/** Why a column may hold something about a person, or something that opens a door. */
export interface Suspicion {
  /** `an e-mail address` */
  readonly what: string;
  readonly kind: 'personal' | 'credential';
}

/**
 * What the name of a column says about its values. Nobody can see it from the name alone: a name that is hit by mistake
 * costs a rule `keep`; one that is missed would cost more. So a word is looked for wherever it stands in the name, and
 * what plainly speaks about the value instead of holding it (`email_verified`, `token_count`) is let go.
 */
export function looksPersonal({
  table,
  column,
  type,
}: {
  readonly table: string;
  readonly column: string;
  /** As declared. */
  readonly type: string;
}): Suspicion | undefined {
  const words = wordsOf(column);
  if (speaksAbout(words, type)) return undefined;
  const joined = words.join(' ');
  const found = suspicions.find(({ words: wanted }) => wanted.some((word) => has(joined, word)));
  if (found) return found;
  if (ofDoors.words.includes(joined) && opensDoors(table, type)) return ofDoors;
  if (!isAboutPeople(table)) return undefined;
  return ofPeople.find(({ words: wanted }) => wanted.some((word) => has(joined, word)));
}

interface Listed extends Suspicion {
  readonly words: readonly string[];
}

/** In any table. Words in the singular; an `s` at the end of a name's word is taken off. */
const suspicions: readonly Listed[] = [
  // Each reaches a person from anywhere.
  { what: 'an e-mail address', kind: 'personal', words: ['email', 'e mail', 'mail'] },
  {
    what: 'a phone number',
    kind: 'personal',
    words: ['phone', 'telephone', 'mobile', 'cell', 'fax', 'msisdn', 'whatsapp'],
  },
  // Whoever holds one gets in, on the real system, from a copy on a laptop.
  {
    what: 'a credential',
    kind: 'credential',
    words: [
      'password',
      'passwd',
      'pwd',
      'passphrase',
      'passcode',
      'secret',
      'token',
      'api key',
      'apikey',
      'private key',
      'access key',
      'signing key',
      'encryption key',
      'credential',
      'otp',
      'totp',
      'mfa',
      'recovery code',
      'backup code',
      'cookie',
      'salt',
      'bearer',
      'jwt',
      'webhook url',
    ],
  },
  // Names that are only given to people.
  {
    what: 'the name of a person',
    kind: 'personal',
    words: [
      'first name',
      'firstname',
      'last name',
      'lastname',
      'middle name',
      'full name',
      'fullname',
      'given name',
      'family name',
      'surname',
      'maiden name',
      'nickname',
      'nick name',
      'user name',
      'username',
      'login',
      'display name',
      'contact name',
      'customer name',
      'recipient',
      'sender name',
      'author name',
      'legal name',
      'screen name',
    ],
  },
  // Where somebody lives or was.
  {
    what: 'an address',
    kind: 'personal',
    words: [
      'address',
      'street',
      'postcode',
      'post code',
      'postal code',
      'zip',
      'zip code',
      'zipcode',
      'house number',
    ],
  },
  {
    what: 'a network address',
    kind: 'personal',
    words: ['ip', 'ipv4', 'ipv6', 'mac address', 'remote addr', 'ip addr'],
  },
  {
    what: 'the traces of a device',
    kind: 'personal',
    words: ['user agent', 'useragent', 'fingerprint', 'device id'],
  },
  // What does not change with a new password.
  { what: 'a date of birth', kind: 'personal', words: ['birth', 'birthday', 'birthdate', 'dob', 'born'] },
  {
    what: 'a number that an authority gave to a person',
    kind: 'personal',
    words: [
      'ssn',
      'social security',
      'passport',
      'national id',
      'tax id',
      'vat id',
      'taxpayer',
      'driver license',
      'license plate',
      'id number',
      'personnummer',
      'cpf',
    ],
  },
  {
    what: 'a bank account or card',
    kind: 'personal',
    words: [
      'iban',
      'bic',
      'swift',
      'account number',
      'routing number',
      'sort code',
      'card number',
      'credit card',
      'pan',
      'cvv',
      'cvc',
    ],
  },
  {
    what: 'something about health or belief',
    kind: 'personal',
    words: ['diagnosis', 'medical', 'religion', 'ethnicity', 'gender', 'sex', 'disability', 'blood type'],
  },
];

/** Only where the rows of a table are people: a product has a name, too, and a shop a city. */
const ofPeople: readonly Listed[] = [
  { what: 'the name of a person', kind: 'personal', words: ['name', 'title', 'initial', 'signature'] },
  {
    what: 'where a person is',
    kind: 'personal',
    words: ['city', 'location', 'latitude', 'longitude', 'lat', 'lng', 'lon'],
  },
  {
    what: 'a picture or page of a person',
    kind: 'personal',
    words: ['avatar', 'photo', 'picture', 'bio', 'website', 'linkedin', 'twitter', 'github'],
  },
];

/** Only where the rows of a table open something: the value itself is then what opens it. */
const ofDoors: Listed = {
  what: 'a credential',
  kind: 'credential',
  words: ['id', 'hash', 'key', 'value', 'digest', 'code', 'sid'],
};

function opensDoors(table: string, type: string): boolean {
  const words = wordsOf(table);
  const last = words.at(-1) ?? '';
  return !/INT/i.test(type) && (doors.has(last) || (last === 'key' && words.at(-2) === 'api'));
}

const doors: ReadonlySet<string> = new Set([
  'session',
  'token',
  'secret',
  'credential',
  'password',
  'invite',
  'verification',
]);

const people: ReadonlySet<string> = new Set([
  'user',
  'member',
  'customer',
  'client',
  'contact',
  'person',
  'people',
  'employee',
  'staff',
  'patient',
  'student',
  'teacher',
  'guest',
  'visitor',
  'subscriber',
  'lead',
  'applicant',
  'candidate',
  'author',
  'profile',
  'account',
  'admin',
  'driver',
  'tenant',
  'resident',
  'attendee',
  'participant',
  'player',
  'owner',
  'buyer',
  'seller',
  'recipient',
  'identity',
]);

function isAboutPeople(table: string): boolean {
  const last = wordsOf(table).at(-1);
  return last !== undefined && people.has(last);
}

/** `email_verified_at`, `is_email_public`, `token_count`, `address_id`: something about the value, or a pointer to it. */
function speaksAbout(words: readonly string[], type: string): boolean {
  const [first = ''] = words;
  const last = words.at(-1) ?? '';
  if (words.length < 2) return false;
  if (firstWords.has(first) || lastWords.has(last)) return true;
  // A text that ends in `id` may be the thing itself: `email_id`, `tax_id`.
  return last === 'id' && /INT/i.test(type) && !/tax|national|passport|vat/.test(first);
}

const firstWords: ReadonlySet<string> = new Set([
  'is',
  'has',
  'can',
  'should',
  'allow',
  'require',
  'enable',
  'num',
  'max',
  'min',
  'count',
]);
const lastWords: ReadonlySet<string> = new Set([
  'at',
  'count',
  'type',
  'kind',
  'status',
  'state',
  'verified',
  'confirmed',
  'enabled',
  'required',
  'limit',
  'used',
  'length',
  'expire',
  'expiry',
  'expiration',
  'ttl',
  'version',
  'sent',
  'subject',
  'template',
  'format',
  'label',
  'policy',
  'provider',
]);

/** `customerEMail2` → customer, e, mail; in the singular. */
function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '')
    .map(singular);
}

function singular(word: string): string {
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.endsWith('sses')) return word.slice(0, -2);
  return word.length > 3 &&
    word.endsWith('s') &&
    !word.endsWith('ss') &&
    !word.endsWith('us') &&
    !word.endsWith('is')
    ? word.slice(0, -1)
    : word;
}

function has(words: string, wanted: string): boolean {
  return ` ${words} `.includes(` ${wanted} `);
}
