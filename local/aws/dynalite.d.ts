declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    readonly path?: string;
    /** How long a new table has the status CREATING, in milliseconds. */
    readonly createTableMs?: number;
  }

  export default function dynalite(options: DynaliteOptions): Server;
}
