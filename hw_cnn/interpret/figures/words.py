"""The words in the pictures, in Russian and English, and how the two languages write numbers."""

from __future__ import annotations

import math

from hw_cnn import language


def number(value: float, lang: str, digits: int | None = None) -> str:
    """Write a number with a real minus sign, and in Russian with a decimal comma.

    `digits` is the number of decimals; None leaves out what says nothing ("0.5", "12", "1e-5").
    """
    if digits is None:
        is_extreme = value != 0 and not 1e-4 <= abs(value) < 1e6
        text = f"{value:.0e}" if is_extreme and math.isfinite(value) else f"{value:.4g}"
        text = "0" if text == "-0" else text
    else:
        text = f"{value:.{digits}f}"
        # "-0.00" is zero, whatever the rounding came from.
        text = text.lstrip("-") if float(text) == 0 else text
    text = text.replace("-", "\N{MINUS SIGN}")
    return text.replace(".", ",") if lang == "ru" else text


def count(number: int, lang: str) -> str:
    """Write a whole number with its thousands apart."""
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}" if lang == "ru" else ",")


def rounded(number: int, lang: str) -> str:
    """Write a large whole number as people read it, to one decimal: "61.7 thousand", "138.4 million"."""
    return _in_units(number, lang, ("thousand", "million", "billion"))


def macs(number: int, lang: str) -> str:
    """Write a number of multiply-accumulates to one decimal: "281.6 kMAC", "724.4 MMAC", "15.5 GMAC"."""
    return _in_units(number, lang, ("kmac", "mmac", "gmac"))


def _in_units(number: int, lang: str, keys: tuple[str, str, str]) -> str:
    """`number` in the smallest unit (a thousand, a million, a billion) of which there are less than a thousand."""
    if number < 1000:
        return count(number, lang)
    shares = [round(number / 1000**power, 1) for power in (1, 2, 3)]
    power = next((power for power, share in enumerate(shares) if share < 1000), 2)
    text = f"{shares[power]:.1f}".removesuffix(".0")  # whole ones have no decimal: "60 thousand"
    return say(keys[power], lang, number=text.replace(".", ",") if lang == "ru" else text)


def percent(share: float, lang: str, digits: int = 1) -> str:
    """Write a share of 1 in percent."""
    return f"{number(100 * share, lang, digits)}\N{NO-BREAK SPACE}%"


def say(key: str, lang: str, **values: object) -> str:
    """Give the words for `key` in the language. Raises: ValueError for another language."""
    language.check(lang)
    english, russian = WORDS[key]
    return (russian if lang == "ru" else english).format(**values)


# key: (English, Russian)
WORDS = {
    # first-layer filters
    "filters": ("Filters of {layer} ({count} × {channels} × {height} × {width})",
                "Фильтры слоя {layer} ({count} × {channels} × {height} × {width})"),
    "weight": ("weight", "вес"),
    "all_channels": ("colour", "в цвете"),
    "channel_in": ("input {channel}", "вход {channel}"),
    "colour_scale": ("grey is zero; full colour is a weight of ±{limit}",
                     "серый — нуль; полный цвет — вес ±{limit}"),
    "shown_of": ("shown: {shown} of {all}", "показано: {shown} из {all}"),
    "red": ("red", "красный"),
    "green": ("green", "зелёный"),
    "blue": ("blue", "синий"),
    # layer outputs
    "outputs": ("What the layers make of one image", "Что слои делают из одного изображения"),
    "image": ("image", "изображение"),
    "output": ("output", "выход"),
    "channel": ("channel {channel}", "канал {channel}"),
    # receptive field
    "fields": ("What one number of each layer sees", "Что видит одно число каждого слоя"),
    "field_px": ("{height} × {width} px", "{height} × {width} пикс."),
    "field_of": ("of the image's {height} × {width}", "из {height} × {width} пикс. изображения"),
    # patches
    "patches": ("Where the channels of {layer} answer most strongly",
                "Где каналы слоя {layer} отвечают сильнее всего"),
    "answers_above": ("above each patch: the channel's answer to it",
                      "над каждым фрагментом — ответ канала на него"),
    # activation maximisation
    "maximised": ("Images that excite the channels of {layer}", "Изображения, возбуждающие каналы слоя {layer}"),
    "maximised_classes": ("Images that raise the scores of the classes", "Изображения, повышающие оценки классов"),
    "brightness": ("brightness", "яркость"),
    "least": ("least", "мин."),
    "greatest": ("most", "макс."),
    # occlusion
    "occlusion": ("How far the score falls when a {window} × {window} square is covered",
                  "Насколько падает оценка, если закрыть квадрат {window} × {window}"),
    "drop": ("fall of the class's score", "падение оценки класса"),
    "window": ("window", "окно"),
    # attributions
    "attributions": ("Which pixels decide", "Какие пиксели решают"),
    "saliency": ("gradient", "градиент"),
    "smooth_grad": ("SmoothGrad", "SmoothGrad"),
    "integrated_gradients": ("integrated gradients", "интегральные градиенты"),
    "relative": ("share of the\npanel's largest value", "доля наибольшего\nзначения панели"),
    # Grad-CAM
    "grad_cam": ("Grad-CAM in {layer}: which places speak for the class",
                 "Grad-CAM в слое {layer}: какие места говорят за класс"),
    "overlay": ("on the image", "на изображении"),
    "map": ("map {height} × {width}", "карта {height} × {width}"),
    # mistakes
    "confusion": ("Answers by true class (images: {num})", "Ответы по верным классам (изображений: {num})"),
    "true": ("true class", "верный класс"),
    "predicted": ("answer", "ответ"),
    "share_of_class": ("share of the class's images", "доля изображений класса"),
    "mistakes": ("The most confident mistakes", "Самые уверенные ошибки"),
    # embedding map
    "embedding": ("Features of the images in the plane of two principal components",
                  "Признаки изображений в плоскости двух главных компонент"),
    "component": ("component {number}: {share} of the variance",
                  "компонента {number}: {share} дисперсии"),
    "other_classes": ("other classes", "другие классы"),
    # shift curve
    "shift_curve": ("Accuracy on shifted images", "Доля верных ответов на сдвинутых изображениях"),
    "shift_px": ("shift, pixels", "сдвиг, пиксели"),
    "accuracy": ("accuracy, %", "доля верных ответов, %"),
    "chance": ("guessing: {share}", "наугад: {share}"),
    # networks as boxes, stacks of windows, costs
    "thousand": ("{number} thousand", "{number}\N{NO-BREAK SPACE}тыс."),
    "million": ("{number} million", "{number}\N{NO-BREAK SPACE}млн"),
    "billion": ("{number} billion", "{number}\N{NO-BREAK SPACE}млрд"),
    "kmac": ("{number} kMAC", "{number}\N{NO-BREAK SPACE}kMAC"),
    "mmac": ("{number} MMAC", "{number}\N{NO-BREAK SPACE}MMAC"),
    "gmac": ("{number} GMAC", "{number}\N{NO-BREAK SPACE}GMAC"),
    "stacks": ("How many ways lead from each pixel to one number of the last map",
               "Сколько путей ведёт от каждого пикселя к одному числу последней карты"),
    "after": ("after {sizes}", "после {sizes}"),
    "stack_field": ("field: {side} × {side}", "поле зрения: {side} × {side}"),
    "weights_of": ("weights: {factor}·C²", "весов: {factor}·C²"),
    "layers_of": ("non-linearities: {count}", "нелинейностей: {count}"),
    "costs": ("Accuracy and what it costs", "Точность и её цена"),
    "epoch": ("epoch", "эпоха"),
    "parameters_axis": ("parameters, thousands", "параметры, тыс."),
    "macs_axis": ("MACs for one image, thousands", "MAC на картинку, тыс."),
    "seconds_axis": ("training, seconds", "обучение, секунды"),
    "shares": ("Where the parameters are, and where the multiplications",
               "Где параметры и где умножения"),
    "parameters": ("parameters", "параметры"),
    "convolutional": ("convolutions", "свёртки"),
    "dense": ("dense layers", "полносвязные слои"),
    # kernels
    "kernels": ("The lecture's kernels on a photograph", "Ядра из лекции на фотографии"),
    "sum": ("sum {sum}", "сумма {sum}"),
    "signed_grey": ("answer (brightness is 0–255)", "ответ (яркость — 0–255)"),
}  # fmt: skip
