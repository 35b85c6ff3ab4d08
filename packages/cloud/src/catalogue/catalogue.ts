import type { ContentPolicies, HashListSignature } from '@sluice/protocol';

/** A content that was published. */
export interface ContentRecord {
  contentId: string;
  /** Base64; the recomputed one of the stored hash list. */
  hashOfHashes: string;
  /** Bytes. */
  contentLength: number;
  /** Bytes. */
  pieceSize: number;
  /** Where the content is, as `contentUrl` writes them, at most `maxPolicyUrls`. */
  urls: string[];
  /** What the publisher set; the rest are the cloud's defaults. */
  policies: Partial<ContentPolicies>;
  /** By which its publisher vouches for it. */
  signature?: HashListSignature;
}

/** A content and its hash list as it is served. */
export interface Publication extends ContentRecord {
  /** The text of the pieces hash file. */
  phf: Uint8Array;
}

/** What became of a publication. */
export interface PublishOutcome {
  /** False when the content id was known. */
  created: boolean;
  /** All URLs of the content now. */
  urls: string[];
  /** URLs that were another content's until now. */
  moved: { url: string; fromContentId: string }[];
}

/**
 * The contents of the cloud. Embedded SQLite by default; every implementation passes
 * `catalogueContract`. A URL belongs to one content. All text is matched exactly.
 */
export interface Catalogue {
  /**
   * Enters or replaces a content, all of it or nothing. The same hash list again adds its URLs to
   * those that are there; another hash list under a known id replaces them, since they served the old
   * bytes.
   * @throws RequestInvalid when the content would have more than `maxPolicyUrls` URLs
   */
  publish(publication: Publication): Promise<PublishOutcome>;
  /** Gives a content another signature, if it still is what `known` says: its hash list and its signature before. */
  signAgain(known: ContentRecord, signature: HashListSignature): Promise<void>;
  byId(contentId: string): Promise<ContentRecord | undefined>;
  /** @param url as `contentUrl` writes it. */
  byUrl(url: string): Promise<ContentRecord | undefined>;
  /** The text of the hash list. */
  piecesHashFile(contentId: string): Promise<{ hashOfHashes: string; phf: Uint8Array } | undefined>;
  /** Contents in the order of their ids, beginning behind `after`. */
  list(page: { after: string | undefined; limit: number }): Promise<ContentRecord[]>;
  /** @returns whether it was there */
  remove(contentId: string): Promise<boolean>;
}
