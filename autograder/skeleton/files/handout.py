# %% [markdown] lang="ru"
# # {{title}}
#
# {{tasks}}
#
# После каждого задания стоит ячейка `hw_cnn.check("{{first}}")`: она запускает открытые тесты. `hw-cnn submit` собирает
# архив для сдачи.

# %% [markdown] lang="en"
# # {{title}}
#
# {{tasks}}
#
# After each task there is a cell `hw_cnn.check("{{first}}")`: it runs the public tests. `hw-cnn submit` packs the
# archive to hand in.

# %%
import torch
from torch import Tensor

import hw_cnn

# %% [markdown] lang="ru"
# ## P1. Глобальный средний пулинг (баллов: {{points:P1}}, минут: {{minutes:P1}})
#
# В конце свёрточной сети каждая карта признаков часто становится одним числом, своим средним: из (N, C, H, W)
# получается (N, C). Тогда сети всё равно, какого размера картинка (Lin и др., «Network in Network», 2014).
#
# Напишите `global_mean(x)` сами. Под запретом: {{forbidden:P1}}.
#
# **Проверяется:**
#
# {{properties:P1}}

# %% [markdown] lang="en"
# ## P1. Global average pooling (points: {{points:P1}}, minutes: {{minutes:P1}})
#
# At the end of a convolutional network each feature map often becomes one number, its mean: (N, C, H, W) gives (N, C).
# Then the network does not care how large an image is (Lin et al., "Network in Network", 2014).
#
# Write `global_mean(x)` yourself. Off limits: {{forbidden:P1}}.
#
# **What is checked:**
#
# {{properties:P1}}

# %% task="P1"

# %%
print(global_mean(torch.tensor([[[[1.0, 2.0, 6.0]]]])))
