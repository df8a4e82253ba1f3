// The settings of break-glass: whether a second person approves it before, or looks into it within a day.
import { z } from 'zod';

export const breakGlassSettings = {
  POSTERN_BREAK_GLASS: z.enum(['approval', 'review'], 'must be approval or review').default('approval'),
};
