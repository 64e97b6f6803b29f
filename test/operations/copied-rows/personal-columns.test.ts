import { expect, test } from 'vitest';
import { looksPersonal } from '../../../src/operations/copied-rows/personal-columns.ts';

const text = 'text';

test.for([
  ['users.email', 'an e-mail address'],
  ['users.eMail', 'an e-mail address'],
  ['orders.customer_email', 'an e-mail address'],
  ['audit.oldEmail', 'an e-mail address'],
  ['users.phone_number', 'a phone number'],
  ['users.phones', 'a phone number'],
  ['users.name', 'the name of a person'],
  ['team_members.name', 'the name of a person'],
  ['orders.shippingAddress', 'an address'],
  ['requests.ip', 'a network address'],
  ['users.passwordHash', 'a credential'],
  ['accounts.api_key', 'a credential'],
  ['sessions.id', 'a credential'],
  ['api_keys.hash', 'a credential'],
  ['users.date_of_birth', 'a date of birth'],
  ['customers.tax_id', 'a number that an authority gave to a person'],
  ['payouts.iban', 'a bank account or card'],
  ['users.email_id', 'an e-mail address'],
] as const)('%s looks like %s', ([name, what]) => {
  const [table = '', column = ''] = name.split('.');
  expect(looksPersonal({ table, column, type: text })?.what).toBe(what);
});

test.for([
  ['products.name', text],
  ['teams.name', text],
  ['users.email_verified_at', text],
  ['users.is_phone_public', 'integer'],
  ['requests.token_count', 'integer'],
  ['orders.address_id', 'integer'],
  ['posts.title', text],
  ['posts.zipper', text],
  ['shops.city', text],
  ['sessions.id', 'integer'],
  ['orders.reference', text],
  ['orders.created_at', text],
] as const)('%s does not look personal', ([name, type]) => {
  const [table = '', column = ''] = name.split('.');
  expect(looksPersonal({ table, column, type })).toBeUndefined();
});
