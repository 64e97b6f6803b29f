/** Why a column may hold something about a person, or something that opens a door. */
export interface Suspicion {
  /** `an e-mail address` */
  readonly what: string;
  readonly kind: 'personal' | 'credential';
}

interface Listed extends Suspicion {
  readonly words: readonly string[];
}

/** In any table. Words in the singular; an `s` at the end of a name's word is taken off. */
export const suspicions: readonly Listed[] = [
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
export const ofPeople: readonly Listed[] = [
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
export const ofDoors: Listed = {
  what: 'a credential',
  kind: 'credential',
  words: ['id', 'hash', 'key', 'value', 'digest', 'code', 'sid'],
};

/** Last words of tables whose rows open something. */
export const doors: ReadonlySet<string> = new Set([
  'session',
  'token',
  'secret',
  'credential',
  'password',
  'invite',
  'verification',
]);

/** Last words of tables whose rows are people. */
export const people: ReadonlySet<string> = new Set([
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

/** Words in front of what speaks about a value: `is_email_public`. */
export const firstWords: ReadonlySet<string> = new Set([
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

/** Words behind it: `email_verified`. */
export const lastWords: ReadonlySet<string> = new Set([
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
