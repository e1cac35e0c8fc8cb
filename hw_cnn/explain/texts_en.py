"""The page in English."""

from __future__ import annotations

from typing import Any

TEXTS: dict[str, Any] = {
    "page": {
        "title": "What {network} has learned",
        "network": "Network",
        "parameters": "{count} parameters, input {shape}",
        "checkpoint": "Checkpoint",
        "data": "Data",
        "test_part": "{name}, test part: {count} images",
        "test_first": "{name}, test part: the first {count} of {all} images",
        "test_sample": "{name}, test part: one image in {step} ({count} of {all})",
        "accuracy": "Accuracy",
        "interval": "95 % interval: {low} – {high}",
        "contents": "Contents",
        "source": "Source",
        "unwritten": "This section is not there yet: task {task} is not written.",
        "failed": "This section could not be drawn: {error}. The terminal says more.",
        "enlarge": "Open the picture in full size",
    },
    "reasons": {
        "no_convolution": "This network has no convolution, so there is nothing to show here.",
        "no_map": (
            "No layer of this network gives a map with width and height, so there is nothing to show here."
        ),
        "no_linear": "This network has no fully connected layer, so there are no features before it.",
        "few_images": "Principal components need at least three images.",
    },
    "kernels": {
        "title": "The lecture's kernels",
        "text": (
            "A convolution replaces each pixel by a weighted sum of its neighbours; the weights are the "
            "kernel. The kernel's sum says what becomes of an even area: with sum 1 its brightness stays, "
            "with sum 0 only changes remain, the edges. The slide on sharpening has lost its minus signs: "
            "the printed kernel has sum 9, and instead of sharpening it makes the photograph nine times as "
            "bright and blurs it, which shows once it is divided by 9."
        ),
        "alts": {
            "kernels": (
                "Six kernels and what each makes of a portrait: identity, edges, blur, sharpening, the "
                "slide's misprint, and the misprint divided by nine"
            ),
        },
        "identity": "identity",
        "edge": "edges",
        "blur": "blur",
        "sharpen": "sharpening",
        "misprint": "the slide's misprint",
        "divided": "misprint divided by 9",
    },
    "filters": {
        "title": "Filters of the first layer",
        "text": (
            "Nobody designed the kernels of the first layer, {layer}: all {count} filters of {size} were "
            'learned. A red weight says "it should be bright here", a blue one "it should be dark here". '
            "Filters with red on one side and blue on the other look for edges and strokes of their "
            "direction; a filter of one colour averages, that is, blurs."
        ),
        "alts": {
            "filters": "Weights of the filters of the first convolution {layer}, each a square of {size}",
        },
    },
    "outputs": {
        "title": "Outputs of the layers for one image",
        "text": (
            "Each column is a channel, each row a layer with a scale of its own. A convolution answers "
            "with numbers of both signs, ReLU erases the negative ones, pooling makes the map smaller and "
            "coarser. The deeper the layer, the less its map resembles the image itself (here of class "
            '"{class}"), and the more it answers the question "where is what I look for?".'
        ),
        "alts": {
            "outputs": "Maps of the first channels of several layers for an image of class {class}",
        },
    },
    "fields": {
        "title": "Receptive fields",
        "text": (
            "The frame shows the pixels on which one number in the middle of a layer's map depends. A 5 × "
            "5 convolution widens the field by four steps of the layer before, and pooling doubles the "
            "step itself, so the field grows faster and faster. The last of the layers, {layer}, sees "
            "{size} px of an image of {image_size}; where the frame reaches over the border, the layer "
            "sees padding."
        ),
        "alts": {
            "fields": (
                "The image with the receptive field of each layer framed; the last field has {size} pixels"
            ),
        },
    },
    "patches": {
        "title": "What excites a channel most",
        "text": (
            "For each channel the images ({num_images} were searched) and the places in them were found "
            "where its answer is largest; shown is exactly the patch that the channel sees, its receptive "
            "field. On the left is the whole image with the strongest answer. If the patches of a row are "
            "alike, the channel has found itself an understandable job: a stroke, a corner, a loop. "
            "Layers: {layers}."
        ),
        "alts": {
            "patches-1": "Patches to which the channels of the first convolution answer most strongly",
            "patches-2": "Patches to which the channels of a deeper convolution answer most strongly",
        },
    },
    "maximisation": {
        "title": "Activation maximisation",
        "text": (
            "Now the other way round: starting from noise, {num_steps} steps along the gradient change the "
            "pixels so that the answer of a channel, or the score of a class, grows; now and then the "
            'image is blurred, or noise would win. The result is what the network "would like to see". The '
            "image of a class holds only what tells it from the other classes, so it resembles a real one "
            "in part only."
        ),
        "alts": {
            "maximised-channels": "Images that excite the channels of the last convolution most",
            "maximised-classes": "Images that raise the score of each class most",
        },
    },
    "occlusion": {
        "title": "What happens when a part is covered",
        "text": (
            "A square of {window} is painted over with background at each of its {places} places, and each "
            "time the fall of the true class's score is measured. The network needs what is red; what is "
            "blue stood in its way. This is an honest test that does not look inside the network, but it "
            "takes as many forward passes as the square has places."
        ),
        "alts": {
            "occlusion": (
                "Examples, and below each the fall of the score when a square of {window} is covered"
            ),
        },
    },
    "gradients": {
        "title": "Gradient, SmoothGrad and integrated gradients",
        "text": (
            "The gradient of the score with respect to the pixels says what a small change of brightness "
            'does: red is "brighter speaks for the class", blue "darker speaks for the class". It is '
            "noisy, so SmoothGrad averages it over {num_samples} copies of the image with noise added. "
            "Integrated gradients add up {num_steps} gradients on the way from the background to the "
            "image, and their sum is about the difference of the scores: this is each pixel's "
            "contribution, and pixels of the background contribute nothing."
        ),
        "alts": {
            "gradients": (
                "Three maps of important pixels for each example: gradient, SmoothGrad, integrated gradients"
            ),
        },
    },
    "grad_cam": {
        "title": "Grad-CAM",
        "text": (
            "The maps of layer {layer} are added with weights, the mean gradients of the class's score "
            "over each map; what is negative is dropped. It shows which places speak for the class. The "
            "map is coarse, {size}, but its numbers are made of a deep layer's notions, not of single "
            "pixels. On the image it lies where its numbers look: convolutions without padding leave "
            "margins."
        ),
        "alts": {
            "grad-cam": "Examples, maps of Grad-CAM in layer {layer}, and the same maps over the images",
        },
    },
    "mistakes": {
        "title": "Mistakes",
        "text": (
            "{num_wrong} of {num_images} answers are wrong. In the matrix a row is the true class and a "
            "column the network's answer; all that is off the diagonal are mistakes. {worst} Below are the "
            "mistakes of which the network is surest: some of them a person would read wrongly too, and "
            "sometimes the label itself is wrong."
        ),
        "alts": {
            "confusion": "Confusion matrix: {num_wrong} wrong answers of {num_images}",
            "mistakes": (
                "The images on which the network is most confidently wrong, with true class, answer and "
                "probability"
            ),
        },
        "worst": 'Most often "{true}" is taken for "{answer}" (images: {count}).',
        "none_wrong": "On these images the network made no mistake.",
    },
    "embedding": {
        "title": "Map of the features",
        "text": (
            "Before the last fully connected layer each image is {num_features} numbers. Principal "
            "components project them on a plane that keeps {share} of the variance; the rest cannot be "
            "seen here. If the features are good, the classes gather in clouds although the projection has "
            "not used the labels: such features are what is transferred to other tasks."
        ),
        "alts": {
            "embedding": (
                "{num_images} images as points in the plane of two principal components, {share} of the "
                "variance"
            ),
        },
    },
    "shifts": {
        "title": "Shifts: convolutional against fully connected",
        "text": (
            "To compare with, a fully connected network was trained within seconds, on the same data "
            "({num_train} images, {num_epochs} epochs) and with the same random shifts, if there were any. "
            "In place it gives {dense_still} right answers, {network} {own_still}; after a shift by "
            "{shift} px {dense_moved} and {own_moved}. A convolution finds a stroke wherever it is, a "
            "fully connected network has to learn it anew at each place. Yet a convolutional network is "
            "not invariant to shifts either: the fully connected layers at its end are tied to places of "
            "the map."
        ),
        "alts": {
            "shifts": (
                "Accuracy for shifts of 0 to {max_shift} pixels; without a shift and shifted by {shift} "
                "px: {network} {own_still} and {own_moved}, fully connected {dense_still} and {dense_moved}"
            ),
        },
        "own": "{name}",
        "dense": "fully connected {sizes}",
    },
}
