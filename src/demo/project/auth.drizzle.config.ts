export default {
  dialect: 'sqlite',
  schema: './src/auth-schema.ts',
  out: './drizzle-auth',
  dbCredentials: { url: 'file:local-auth.db' },
};
