import type { Config, EnvReference } from './project/config/configuration.ts';

export type {
  BackupsConfig,
  Config,
  D1LocalTargetConfig,
  D1TargetConfig,
  DatabaseConfig,
  Duration,
  EnvironmentConfig,
  EnvReference,
  HooksConfig,
  InvariantConfig,
  NotifyConfig,
  PostgresServerConfig,
  PostgresTargetConfig,
  TargetConfig,
  ThemeConfig,
} from './project/config/configuration.ts';

/** Gives a configuration its types; returns it as it is. */
export function defineConfig(config: Config): Config {
  return config;
}

/**
 * Refers to an environment variable by name. It is looked up when its target is needed, so that a missing
 * one stops only that environment. Throws a `TypeError` for a text that cannot be such a name.
 */
export function env(name: string): EnvReference {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new TypeError(`env(${JSON.stringify(name)}) names no environment variable.`);
  }
  return `env:${name}`;
}
