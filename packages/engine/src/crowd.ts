/** More devices of one site than this that want the same are a crowd: a few fetch for all, and turns are short. */
export const crowdSize = 16;

/**
 * Who leaves it to others of a large site to fetch connects to so many, and takes whoever comes. When all begin together
 * and each connects to as many as it may, the places of the first are taken by those right behind them: all the others
 * are then many steps away from them.
 */
export const crowdDials = 12;
