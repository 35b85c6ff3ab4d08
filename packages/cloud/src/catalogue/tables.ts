/** The tables of the catalogue, as `migrations` makes them. */
export interface CatalogueTables {
  content: {
    content_id: string;
    hash_of_hashes: string;
    content_length: number;
    piece_size: number;
    /** JSON of what the publisher set. */
    policies: string;
    /** JSON of the publisher's signature. */
    signature: string | null;
    /** Last, and only read when asked for: SQLite keeps it outside of the row's page. */
    phf: Uint8Array;
  };
  content_url: {
    url: string;
    content_id: string;
  };
}
