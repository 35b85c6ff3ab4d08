/** More devices of one site than this that want the same are a crowd: a few fetch for all, and turns are short. */
export const crowdSize = 16;
