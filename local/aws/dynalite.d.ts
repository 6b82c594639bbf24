declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Milliseconds that tables stay in their passing states. */
  interface DynaliteOptions {
    readonly path?: string;
    readonly createTableMs?: number;
  }

  export default function dynalite(options: DynaliteOptions): Server;
}
