export { connectLocalApi, type LocalApiClient } from './client.ts';
export { type LocalApi, serveLocalApi } from './server.ts';
