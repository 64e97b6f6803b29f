export interface BackupsReport {
  readonly schemaVersion: 1;
  readonly kind: 'backups';
  readonly backups: readonly BackupSummary[];
  /** Sets whose manifest cannot be read, of whichever environment they are; absent: none. */
  readonly unreadable?: readonly UnreadableBackup[];
}

export interface UnreadableBackup {
  /** `b41`. */
  readonly id: string;
  /** Why, with the path. */
  readonly says: string;
  readonly next?: string;
}

export interface BackupSummary {
  /** `b41`. */
  readonly id: string;
  readonly environment: string;
  readonly takenAt: string;
  /** Bytes of all its databases. */
  readonly size: number;
  readonly path: string;
  readonly databases: readonly {
    readonly database: string;
    readonly location: string;
    readonly tags: readonly string[];
    readonly tables: number;
    readonly rows: number;
    readonly fingerprint: string;
    /** Of a copy. */
    readonly sha256?: string;
    /** Of what the server keeps in a history of its own: where in it. */
    readonly position?: string;
    /** How far back that history reaches, for people. */
    readonly retention?: string;
    /** What the server wrote out as SQL, on request. */
    readonly archive?: {
      /** Path of the text. */
      readonly sql: string;
      /** Path of the SQLite file that it was loaded into, which proved it. */
      readonly loaded: string;
      /** Of both. */
      readonly bytes: number;
      /** `d1`: an import at D1 takes the text. `sqlite`: only SQLite's own shell does. */
      readonly loadsInto: 'd1' | 'sqlite';
      /** `several`: others wrote while it was taken. */
      readonly moment: 'one' | 'several';
    };
  }[];
  /** Only these tables were backed up: it can be put back table by table alone. */
  readonly partial?: readonly string[];
  /** Absent: in the clear. */
  readonly encrypted?: {
    /** Fingerprint of the key. */
    readonly key: string;
    /** `here`: `backups.key` names the variable that holds it. */
    readonly is: 'here' | 'not-here';
  };
  /** `proven`: a dry-run restored it. `read-back`: its checksum and content were read back. `damaged`: it no longer matches its manifest. `kept-by-server`: a place in the server's own history; nothing lies here. */
  readonly proof: 'proven' | 'read-back' | 'damaged' | 'kept-by-server';
  readonly keptUntil: string | undefined;
}
