import type { ContentHub } from '../content/content-hub.ts';
import type { OwnAddress } from '../network/own-address.ts';
import type { SwarmNetwork } from '../swarm/admission.ts';
import type { LiveSettings } from './live-settings.ts';
import { restrictionOf } from './open-settings.ts';

/** The network as the settings restrict it at the moment. */
export function networkOf(settings: LiveSettings, own: () => OwnAddress[]): SwarmNetwork {
  return {
    own,
    get restriction() {
      return restrictionOf(settings.current.DORestrictPeerSelectionBy);
    },
  };
}

/** Looks at all peers anew when DORestrictPeerSelectionBy changes. @returns a function that ends it. */
export function watchRestriction(settings: LiveSettings, hub: ContentHub): () => void {
  let before = settings.current.DORestrictPeerSelectionBy;
  return settings.watch(() => {
    const now = settings.current.DORestrictPeerSelectionBy;
    if (now !== before) hub.restrictAnew();
    before = now;
  });
}
