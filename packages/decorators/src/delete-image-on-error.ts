import { afterFailure } from './after-failure.js';
import type { Reporting } from './attempt.js';
import { failureKind } from './failure-kind.js';
import { methodDecorator, type MethodDecorator } from './method-decorator.js';

/**
 * Deletes the half-made image when the method fails. An image that is gone already is what was wanted.
 *
 * Once per image, if a call further in has done so already.
 */
export const deleteImageOnError: MethodDecorator<Reporting | 'images', ['instance', 'image']> = methodDecorator(
  ['instance', 'image'],
  afterFailure('deleting the image', async (call, failure) => {
    const { services, image, instance, context, scope } = call;
    if (!scope.noted.isFirst('image', image.id, failure)) return;
    try {
      await services.images.delete(image, { instance, context, failure });
    } catch (undeleted) {
      if ((await failureKind(call, undeleted)) !== 'image-gone') throw undeleted;
    }
  }),
);
