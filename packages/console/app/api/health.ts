import { useQuery } from '@tanstack/react-query';
import { askJson } from './client.ts';

/** What `GET /health` has of the moment. */
interface Health {
  /** Left out while the store of swarms is away. */
  Swarms?: number;
  Peers?: number;
  /** How many nobody has looked at; left out: none. */
  Alarms?: number;
}

export function useHealth() {
  return useQuery({
    queryKey: ['health'],
    queryFn: () => askJson<Health>('/health'),
    refetchInterval: 5_000,
  });
}
