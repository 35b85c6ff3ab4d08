import path from 'node:path';
import { wanAddress } from '../network/site.ts';
import { startNginx } from '../servers/nginx.ts';
import { curlFrom, curlNeeds } from './curl.ts';
import type { Tool } from './tool.ts';

const port = 8090;

export const nginxCache: Tool = {
  name: 'nginx-cache',
  summary: 'curl on every device, from an nginx slice cache on site',
  needs: curlNeeds,
  async prepare({ cacheSpot, folder, url, signal }) {
    const { address, namespace } = cacheSpot;
    const cache = path.join(folder, 'nginx-cache');
    const nginx = await startNginx({
      ...{ namespace, address, port },
      folder: path.join(folder, 'nginx'),
      http: `
        proxy_cache_path ${cache} levels=1:2 keys_zone=lab:10m max_size=50g inactive=1h use_temp_path=off;
        server {
          listen ${address}:${port};
          location / {
            slice 1m;
            proxy_pass http://${wanAddress};
            proxy_set_header Range $slice_range;
            proxy_http_version 1.1;
            proxy_cache lab;
            proxy_cache_key $uri$slice_range;
            proxy_cache_valid 200 206 1h;
            proxy_cache_lock on;
            proxy_cache_lock_timeout 1h;
            proxy_cache_lock_age 1h;
          }
        }`,
    });
    const ready = curlFrom(signal, `http://${address}:${port}${new URL(url).pathname}`);
    return { ...ready, [Symbol.asyncDispose]: () => nginx.stop() };
  },
};
