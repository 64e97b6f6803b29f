/** The schema in a PostgreSQL database that holds what is ours, the lock: no part of the project's. */
export const ownSchema = '__migrate_tui';
