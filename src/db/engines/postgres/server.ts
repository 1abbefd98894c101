/** Where to connect, with everything that libpq would find out by itself found out. */
export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}
