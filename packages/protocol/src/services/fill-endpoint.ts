/**
 * The address of a service for one content: `{contentId}` replaced by the percent-encoded id.
 * A content that has no id (known by its URL only, `altCatalogId`) leaves the place empty.
 */
export function fillEndpoint(template: string, contentId: string | undefined): string {
  // A function, because "$&" in an id must not be read as a replacement pattern.
  return template.replaceAll('{contentId}', () => encodeURIComponent(contentId ?? ''));
}
