export {
  type Advert,
  decodeAdvert,
  encodeAdvertTxt,
  localService,
  maxOffers,
  recogniseOffer,
  saltLength,
} from './advert.ts';
export { type ContentKey, offerToken, tokenLength } from './offer-token.ts';
