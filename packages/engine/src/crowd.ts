/** More devices of one site than this that want the same are a crowd: a few fetch for all, and turns are short. */
export const crowdSize = 16;

/**
 * Who leaves it to others of a large site to fetch connects to so many, and takes whoever comes. When all begin together
 * and each connects to as many as it may, the places of the first are taken by those right behind them: all the others
 * are then many steps away from them. Not fewer than make a crowd: who knows fewer would not go by its rules.
 */
export const crowdDials = crowdSize + 1;

/**
 * Among so many, all who hear of a piece are interested within moments: who gives slots to the first of them gives
 * them to the very devices that everybody else does. So they are gathered, and chosen from by chance, ms.
 */
export const gatherMs = 2;
